from __future__ import annotations

from collections.abc import Mapping

import pytest

from reorder.context.context import BuildContext, IgnoreFile, clean_source, open_context
from reorder.context.ignore import IgnoreError
from reorder.context.memory import MemoryTree
from reorder.context.model import Kind, Tree, UnreadableError


class _LinkedTree(MemoryTree):
    """A memory tree with symbolic links and with a record of the folders that were listed."""

    def __init__(self, files: Mapping[str, bytes | str], links: frozenset[str] = frozenset()) -> None:
        super().__init__({**files, **dict.fromkeys(links, "")}, executable=frozenset(files))
        self._links = links
        self.targets: dict[str, str] = {}
        self.listed: list[str] = []

    def kind(self, path: str) -> Kind | None:
        return Kind.SYMLINK if path in self._links else super().kind(path)

    def link(self, path: str) -> str | None:
        return self.targets.get(path)

    def names(self, path: str) -> tuple[str, ...]:
        self.listed.append(path)
        return super().names(path)


def _open(files: Mapping[str, str], ignore: str | None = None) -> BuildContext:
    return open_context(MemoryTree(files if ignore is None else {**files, ".dockerignore": ignore}), "Dockerfile")


def test_what_is_ignored_is_not_there() -> None:
    context = _open({"a": "1", "secret/key": "2", "src/x.py": "3"}, "secret\n**/*.py\n")
    assert context.names("") == (".dockerignore", "a", "src")
    assert (context.kind("a"), context.kind("src"), context.kind("secret")) == (Kind.FILE, Kind.DIRECTORY, None)
    assert context.kind("secret/key") is None
    assert context.names("secret") == ()
    assert context.names("src") == ()
    assert context.read("a") == b"1"
    for path in ("src/x.py", "secret/key", "src", "missing"):
        with pytest.raises(UnreadableError, match=path):
            context.read(path)


def test_an_excluded_folder_shows_what_a_later_line_brings_back() -> None:
    context = _open({"nm/p/.keep": "", "nm/p/x": "", "b/y": ""}, "nm\nb\n!**/.keep\n")
    assert context.names("nm") == ("p",)
    assert context.names("nm/p") == (".keep",)
    assert not context.excludes("nm")
    assert context.kind("b") is Kind.DIRECTORY, "may hold a .keep; to know better would take a walk"
    assert context.names("b") == ()


def test_excludes_tells_whether_a_folder_is_out_for_good() -> None:
    context = _open({}, "node_modules\n!docs\n")
    assert context.excludes("node_modules")
    assert context.excludes("node_modules/x")
    assert not context.excludes("app/node_modules")


def test_the_ignore_file_beside_the_dockerfile_wins() -> None:
    tree = MemoryTree({"x": "", "y": "", ".dockerignore": "x", "docker/app.Dockerfile.dockerignore": "y\n"})
    context = open_context(tree, "docker/app.Dockerfile")
    assert (context.ignore_path, context.ignore_text) == ("docker/app.Dockerfile.dockerignore", "y\n")
    assert (context.kind("x"), context.kind("y")) == (Kind.FILE, None)
    assert open_context(tree, "Dockerfile").ignore_path == ".dockerignore"
    assert open_context(tree, None).ignore_path == ".dockerignore"
    outside = IgnoreFile("../app.Dockerfile.dockerignore", "y")
    assert open_context(tree, None, outside).kind("x") is Kind.FILE
    assert open_context(MemoryTree({"x": ""}), "Dockerfile").ignore_path is None


def test_an_empty_ignore_file_beside_the_dockerfile_wins_too() -> None:
    context = open_context(MemoryTree({"x": "", ".dockerignore": "x", "Dockerfile.dockerignore": ""}), "Dockerfile")
    assert context.kind("x") is Kind.FILE


def test_an_ignore_file_that_cannot_be_used() -> None:
    with pytest.raises(IgnoreError, match="line 2"):
        _open({}, "a\n[")
    with pytest.raises(IgnoreError, match=r"\.dockerignore is no regular file"):
        open_context(MemoryTree({".dockerignore/": ""}), "Dockerfile")


def test_an_ignore_file_may_be_a_link_inside_the_context() -> None:
    tree = _LinkedTree({".gitignore": "a\n", "docker/Dockerfile": ""}, frozenset({".dockerignore", "docker/ig"}))
    tree.targets = {".dockerignore": "./.gitignore"}
    context = open_context(tree, "docker/Dockerfile")
    assert context.excludes("a")
    assert (context.ignore_path, context.ignore_text, context.ignore_is_link) == (".dockerignore", "a\n", True)
    for target in ("docker", "/etc/passwd", "../missing", "docker/ig"):
        tree.targets = {".dockerignore": target, "docker/ig": "../.gitignore"}
        with pytest.raises(IgnoreError, match=r"\.dockerignore is a link to what is no regular file"):
            open_context(tree, None)


def test_an_ignore_file_that_cannot_be_read() -> None:
    class Locked(MemoryTree):
        def read(self, path: str) -> bytes:
            raise UnreadableError(f"{path}: Permission denied")

    with pytest.raises(IgnoreError, match=r"^\.dockerignore: Permission denied$"):
        open_context(Locked({".dockerignore": ""}), None)


def test_bytes_that_are_no_text_survive_in_an_ignore_file() -> None:
    context = open_context(MemoryTree({".dockerignore": b"caf\xe9\n", "x": ""}), "Dockerfile")
    assert (context.ignore_text or "").encode("utf-8", "surrogateescape") == b"caf\xe9\n"
    assert context.excludes(b"caf\xe9".decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("x", "x"), ("./x", "x"), ("/x", "x"), ("//x", "x"), ("../x", "x"), ("../../x", "x"), ("a/../../x", "x"),
        (".", ""), ("./", ""), ("/", ""), ("", ""), ("..", ""), ("a//b/", "a/b"), ("a/./b", "a/b"), ("*/../b", "b"),
    ],
)  # fmt: skip
def test_clean_source(source: str, cleaned: str) -> None:
    assert clean_source(source) == cleaned


_FILES = dict.fromkeys(
    ("package.json", "package-lock.json", ".npmrc", "a/p.json", "b/p.json", "b/c/p.json", "[id].js", "i.js", "e/"), ""
)


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("", ("",)),
        ("package.json", ("package.json",)),
        ("missing", ()),
        ("a", ("a",)),
        ("a/p.json", ("a/p.json",)),
        ("package*.json", ("package-lock.json", "package.json")),
        ("*/p.json", ("a/p.json", "b/p.json")),
        ("**/p.json", ("a/p.json", "b/p.json")),
        ("*/*/p.json", ("b/c/p.json",)),
        ("b/*", ("b/c", "b/p.json")),
        ("[ab]", ("a", "b")),
        (".npmr[c]", (".npmrc",)),
        ("yarn.loc[k]", ()),
        ("[id].js", ("i.js",)),
        ("[[]id].js", ("[id].js",)),
        ("nope/*", ()),
        ("package.json/*", ()),
        ("a[", ()),
    ],
)
def test_expand(source: str, paths: tuple[str, ...]) -> None:
    assert _open(_FILES).expand(source) == paths


def test_expand_sees_only_what_the_builder_sees() -> None:
    context = _open(_FILES, "b\n**/package-lock.json\n.dockerignore\n")
    assert context.expand("*/p.json") == ("a/p.json",)
    assert context.expand("package*.json") == ("package.json",)
    assert context.expand("package-lock.json") == ()


def test_symbolic_links_are_told_and_never_looked_through() -> None:
    tree = _LinkedTree({"real/f": ""}, frozenset({"link", "real/inner"}))
    context = open_context(tree, "Dockerfile")
    assert context.kind("link") is context.kind("link/f") is context.kind("link/a/b") is Kind.SYMLINK
    assert context.passes_symlink("link")
    assert context.passes_symlink("link/f")
    assert context.passes_symlink("real/inner/x")
    assert not context.passes_symlink("real/f")
    assert not context.passes_symlink("")
    assert context.expand("*/f") == ("real/f",)
    assert context.expand("link/f") == ("link/f",)
    assert context.names("link") == ()
    tree.targets = {"link": "real"}
    assert (context.link("link"), context.link("link/f"), context.link("real")) == ("real", None, None)
    with pytest.raises(UnreadableError):
        context.read("link/f")
    assert not context.is_executable("link")
    assert context.is_executable("real/f")


def test_only_the_folders_that_a_question_needs_are_listed() -> None:
    tree = _LinkedTree({f"src/d{i}/f{j}": "" for i in range(5) for j in range(5)} | {"package.json": ""})
    context = open_context(tree, "Dockerfile")
    context.kind("src/d1/f1")
    context.expand("package.json")
    context.expand("src/d1")
    assert tree.listed == []
    context.expand("src/d1/f*")
    context.names("src/d1")
    assert tree.listed == ["src/d1"], "and each but once"


def test_a_large_folder_is_told_by_its_entries() -> None:
    context = _open(dict.fromkeys(("src/a", "src/b", "hidden/a", "hidden/b"), ""), "src/b\nhidden")
    assert context.holds_more("src", 1), "ignored entries count, as telling them apart has a price"
    assert not context.holds_more("src", 2)
    assert not context.holds_more("hidden", 1)
    assert not context.holds_more("src/a", 0)


def test_with_patterns_is_as_a_longer_ignore_file() -> None:
    files = {"a": "", "b": "", "node_modules/x": ""}
    for text, after in ((None, "node_modules\n"), ("a", "a\nnode_modules\n"), ("a\n", "a\nnode_modules\n")):
        context = _open(files, text)
        patched = context.with_patterns(("node_modules",))
        assert patched.ignore_text == after
        assert patched.ignore_path == ".dockerignore"
        assert patched.excludes("node_modules")
        assert patched.kind("node_modules") is None
        assert context.kind("node_modules") is Kind.DIRECTORY, "the first one stays as it is"
    assert _open(files).with_patterns(()).ignore_path is None


def test_version_control_is_asked_about_ignored_paths_as_well() -> None:
    tree = MemoryTree(
        {"v/x": "", ".dockerignore": "v"}, tracked=frozenset({"v/x"}), vcs_ignored=frozenset({"node_modules"})
    )
    context = open_context(tree, "Dockerfile")
    assert context.is_tracked("v") is True
    assert context.is_tracked("w") is False
    assert context.is_vcs_ignored("node_modules") is True
    assert _open({}).is_tracked("v") is None


def test_a_context_is_a_tree() -> None:
    tree: Tree = _open({"a": ""})
    assert tree.kind("a") is Kind.FILE
