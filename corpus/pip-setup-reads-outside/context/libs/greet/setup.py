import os

from setuptools import find_packages, setup

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "..", "..", "VERSION")) as stream:
    version = stream.read().strip()
setup(name="greet", version=version, packages=find_packages())
