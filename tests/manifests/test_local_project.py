"""When a project in the build context may be copied early as a whole, and what is said where it may not."""

from __future__ import annotations

import pytest

from reorder.context.memory import MemoryTree
from reorder.context.model import Kind
from reorder.effects import PathSet
from reorder.manager import Entry
from reorder.manifests.files import ManifestError
from reorder.manifests.local_project import copyable_project, describe_project, why_it_stays


class Folder:
    """The files at ``/p``."""

    def __init__(self, files: dict[str, str]) -> None:
        self.tree = MemoryTree(files)

    def find(self, path: str) -> Entry | None:
        kind = self.tree.kind(path.removeprefix("/p").strip("/"))
        return None if kind is None else Entry(kind, path)

    def names(self, path: str) -> tuple[str, ...]:
        return self.tree.names(path.removeprefix("/p").strip("/"))

    def read(self, path: str) -> bytes:
        return self.tree.read(path.removeprefix("/p").strip("/"))


SETUP = "from setuptools import setup\nsetup()\n"
ATTRIBUTE = "[metadata]\nversion = attr: foo.__version__\n"


def reasons(**files: str) -> tuple[str, ...]:
    named = {name.replace("__slash__", "/").replace("__dot__", "."): text for name, text in files.items()}
    return describe_project(Folder(named), "/p").reasons


def test_a_plain_project() -> None:
    assert copyable_project(Folder({"setup.py": SETUP, "foo/__init__.py": ""}), "/p") == PathSet.of(trees=["/p"])


@pytest.mark.parametrize(
    ("module", "is_fine"),
    [
        ('from .core import x\n__version__ = "1.0"  # now\n', True),
        ("__version__: str = '1.0'\nimport numpy\n", True),
        ('import numpy\n__version__ = str(numpy)\n', False),
        ('if 1:\n    __version__ = "1.0"\nimport numpy\n', False),
        ('__version__ = "1" + numpy.x\nimport numpy\n', False),
        ("__version__ = '.'.join(map(str, (1, 0)))\n", True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["foo.py", "foo/__init__.py", "src/foo/__init__.py"])
def test_a_version_taken_from_a_module(module: str, is_fine: bool, place: str) -> None:
    found = describe_project(Folder({"setup.py": SETUP, "setup.cfg": ATTRIBUTE, place: module}), "/p").reasons
    assert bool(found) is not is_fine


def test_a_version_taken_from_a_module_that_is_not_there() -> None:
    found = describe_project(Folder({"setup.py": SETUP, "setup.cfg": ATTRIBUTE}), "/p").reasons
    assert "/p/foo.py" in found[0]


def test_a_file_that_setup_executes_is_judged_too() -> None:
    script = "exec(open('foo/version.py').read())\n"
    assert reasons(setup__dot__py=script, foo__slash__version__dot__py="v = '1'\n") == ()
    assert "subprocess" in reasons(setup__dot__py=script, foo__slash__version__dot__py="import subprocess\n")[0]


def test_what_is_no_project() -> None:
    assert reasons(readme="") == ("there is neither a setup.py nor a pyproject.toml in it",)


def test_a_large_folder_is_not_copied() -> None:
    files = {"setup.py": SETUP, **{f"data/{number}": "" for number in range(3001)}}
    with pytest.raises(ManifestError, match="which is large"):
        copyable_project(Folder(files), "/p")


def test_a_link_deep_inside() -> None:
    folder = Folder({"setup.py": SETUP, "foo/data/x": ""})
    plain = folder.find
    folder.find = lambda path: Entry(Kind.SYMLINK, path) if path == "/p/foo/data/x" else plain(path)  # type: ignore[method-assign]
    with pytest.raises(ManifestError, match="/p/foo/data/x is a symbolic link"):
        copyable_project(folder, "/p")


def test_why_it_stays() -> None:
    script = "import os\nopen('README.md')\nopen('VERSION')\n"
    assert why_it_stays(Folder({"setup.py": script}), "/p") == (
        "its build packs the source files that it finds and reads README.md, VERSION"
    )
    assert why_it_stays(Folder({"setup.py": "import numpy"}), "/p").endswith("; setup.py: it imports numpy")
    assert "pyproject.toml" in why_it_stays(Folder({"pyproject.toml": "["}), "/p")
