"""What a declarative setuptools configuration makes a build read."""

from __future__ import annotations

import pytest

from reorder.manifests.files import ManifestError
from reorder.manifests.setup_cfg import Declaration, analyze_setup_cfg


def test_files_and_attributes() -> None:
    text = (
        "[metadata]\nversion = attr: foo.__version__\nlong_description = file: README.md, CHANGES.md\n"
        "[options]\npackages = find:\n[flake8]\nexclude = ../x\n"
    )
    assert analyze_setup_cfg(text, "setup.cfg") == Declaration(("README.md", "CHANGES.md"), ("foo.__version__",), ())


@pytest.mark.parametrize(
    "text", ["[options]\nsetup_requires = x\n", "[options]\npackage_dir =\n  = ../src\n", "[options]\ncmdclass = a.B\n"]
)
def test_reasons(text: str) -> None:
    assert len(analyze_setup_cfg(text, "setup.cfg").reasons) == 1


def test_a_file_that_does_not_parse() -> None:
    with pytest.raises(ManifestError, match=r"^setup\.cfg: "):
        analyze_setup_cfg("name = x\n", "setup.cfg")
