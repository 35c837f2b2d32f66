"""What pyproject.toml tells of dependency groups and of the build."""

from __future__ import annotations

import pytest

from reorder.manifests.files import ManifestError
from reorder.manifests.pyproject import analyze_build, build_backend, parse_pyproject


def build_reasons(text: str) -> tuple[str, ...]:
    return analyze_build(parse_pyproject(text.encode(), "pyproject.toml")).reasons


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[build-system]\nrequires = ["setuptools>=61", "wheel"]\nbuild-backend = "setuptools.build_meta"\n',
        '[build-system]\nrequires = ["flit_core >=3.2,<4"]\nbuild-backend = "flit_core.buildapi"\n',
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[tool.hatch.build]\ninclude = ["/src"]\n',
        '[tool.black]\nexclude = "/../x"\n',
    ],
)
def test_builds_that_stay_inside(text: str) -> None:
    assert build_reasons(text) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[build-system]\nrequires = []\nbuild-backend = "mine"\n', "mine"),
        ('[build-system]\nrequires = ["hatch-vcs"]\n', "hatch-vcs"),
        ('[build-system]\nrequires = ["setuptools_scm[toml]>=6"]\n', "setuptools-scm"),
        ('[build-system]\nbackend-path = ["."]\n', "build backend"),
        ('[project]\nreadme = "../README.md"\n', "'../README.md'"),
        ('[tool.setuptools.dynamic]\nversion = {file = "/VERSION"}\n', "'/VERSION'"),
        ('[tool.hatch.build.hooks.custom]\npath = "h.py"\n', "hooks"),
        ('[tool.hatch.version]\nsource = "code"\n', "hooks"),
    ],
)
def test_builds_that_may_read_more(text: str, reason: str) -> None:
    assert any(reason in found for found in build_reasons(text))


def test_files_and_attributes() -> None:
    text = '[project]\nreadme = "README.md"\n[tool.setuptools.dynamic]\nversion = {attr = "foo.v"}\n'
    declared = analyze_build(parse_pyproject(text.encode(), "pyproject.toml"))
    assert declared.files == ("README.md",)
    assert declared.attributes == ("foo.v",)


def test_the_default_backend() -> None:
    assert build_backend({}) == "setuptools.build_meta"
    assert build_backend({"build-system": {"build-backend": 3}}) == ""


@pytest.mark.parametrize("data", [b"[", b"a = '\xff'"])
def test_a_file_that_does_not_parse(data: bytes) -> None:
    with pytest.raises(ManifestError, match=r"^pyproject\.toml: "):
        parse_pyproject(data, "pyproject.toml")
