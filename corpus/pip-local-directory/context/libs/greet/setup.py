from setuptools import find_packages, setup

setup(name="greet", version="1.0", packages=find_packages(), package_data={"greet": ["*.txt"]})
