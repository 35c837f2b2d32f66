"""What a setup.py reads, told from its syntax alone."""

from __future__ import annotations

import pytest

from reorder.manifests.setup_py import SetupScript, analyze_setup_py


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from setuptools import setup\nsetup(name='a')\n", SetupScript()),
        (
            "import io, os\nfrom setuptools import find_packages, setup\n"
            "here = os.path.abspath(os.path.dirname(__file__))\n"
            "with io.open(os.path.join(here, 'README.md')) as f: text = f.read()\n"
            "setup(packages=find_packages(), long_description=text, python_requires='~=3.8')\n",
            SetupScript(opens=("README.md",), discovers=("find_packages",)),
        ),
        (
            "about = {}\nexec(open('foo/version.py').read(), about)\n",
            SetupScript(opens=("foo/version.py",), executes=("foo/version.py",)),
        ),
        ("import re\nre.compile('x')\n", SetupScript()),
        ("setup(url='https://host/x')", SetupScript()),
    ],
)
def test_scripts_that_stay_inside(text: str, expected: SetupScript) -> None:
    assert analyze_setup_py(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import numpy", "imports numpy"),
        ("from . import x", "imports a module beside it"),
        ("from foo.version import v", "imports foo"),
        ("import subprocess", "imports subprocess"),
        ("import os\nos.system('x')", "calls system"),
        ("__import__('x')", "calls __import__"),
        ("eval('1')", "calls eval"),
        ("exec(code)", "executes code that it reads"),
        ("open('../VERSION')", "'../VERSION'"),
        ("open(f'{here}/../VERSION')", "'/../VERSION'"),
        ("open('/etc/x')", "'/etc/x'"),
        ("import os\nos.path.dirname(os.path.dirname(__file__))", "dirname of dirname"),
        ("import os\nos.path.dirname(os.path.abspath(os.path.dirname(__file__)))", "dirname of dirname"),
        ("Path(__file__).parent.parent", "parent.parent"),
        ("Path(__file__).parents[1]", "parents"),
        ("import os\nos.environ['X']", "os.environ"),
        ("setup(cmdclass={})", "sets cmdclass"),
        ("setup(use_scm_version=True)", "sets use_scm_version"),
        ("print 'python 2'", "cannot be parsed"),
        ("x = " + " + ".join(["1"] * 2000), "cannot be parsed"),
    ],
)
def test_scripts_that_may_read_anything(text: str, reason: str) -> None:
    assert any(reason in found for found in analyze_setup_py(text).reasons)
