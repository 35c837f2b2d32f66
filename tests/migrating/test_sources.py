"""What the words of a command line and the lines of a list mean."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from repositories import Repository as GitRepository

from reorder.migrating.lists import SourceError, read_list
from reorder.migrating.model import Repository
from reorder.migrating.names import Names, file_name_of, is_url
from reorder.migrating.sources import find_repositories
from reorder.world.remotes import without_credentials


def make(path: Path, *, bare: bool = False) -> str:
    if bare:
        path.mkdir(parents=True)
        GitRepository(path).git("init", "--quiet", "--bare")
    else:
        GitRepository.make(path)
    return str(path)


def told(*sources: str) -> list[tuple[str, str]]:
    return [(found.name, found.location) for found in find_repositories(sources)]


def test_a_folder_is_searched_but_not_inside_of_repositories(tmp_path: Path) -> None:
    make(tmp_path / "team" / "b")
    make(tmp_path / "team" / "b" / "inside")
    make(tmp_path / "a")
    make(tmp_path / "mirror" / "c.git", bare=True)
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree" / ".git").write_text("gitdir: /elsewhere\n")
    (tmp_path / "plain" / "objects").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "team")
    assert told(str(tmp_path)) == [
        ("a", str(tmp_path / "a")),
        ("mirror/c", str(tmp_path / "mirror/c.git")),
        ("team/b", str(tmp_path / "team/b")),
        ("worktree", str(tmp_path / "worktree")),
    ]


def test_work_trees_of_one_repository_are_one(tmp_path: Path) -> None:
    main = GitRepository.make(tmp_path / "main")
    main.commit({"a": ""})
    bare = GitRepository(Path(make(tmp_path / "b.git", bare=True)))
    bare.git("fetch", "--quiet", str(main.root), "main:main")
    for repository, name in ((main, "a1"), (main, "z1"), (bare, "b1"), (bare, "b2")):
        repository.git("worktree", "add", "--quiet", "-b", name, str(tmp_path / name), "main")
    assert [name for name, _ in told(str(tmp_path))] == ["b", "main"]
    assert [name for name, _ in told(*(str(tmp_path / name) for name in ("z1", "a1", "b2", "b1")))] == ["z1", "b2"]
    assert [name for name, _ in told(f"{main.root}/.git", str(main.root))] == ["main"]


def test_a_folder_may_be_deep(tmp_path: Path) -> None:
    make(tmp_path / "z")
    before = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=before)
        after = os.open("d", os.O_RDONLY, dir_fd=before)
        os.close(before)
        before = after
    os.close(before)
    try:
        assert [name for name, _ in told(str(tmp_path))] == ["z"]
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_folder_that_is_a_repository_is_that_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "a")
    make(tmp_path / "a" / "inside")
    make(tmp_path / "b.git", bare=True)
    assert told(str(tmp_path / "a"), str(tmp_path / "b.git")) == [
        ("a", str(tmp_path / "a")), ("b", str(tmp_path / "b.git")),
    ]  # fmt: skip
    monkeypatch.chdir(tmp_path / "a")
    assert told(".") == [("a", str(tmp_path / "a"))]


def test_a_list_has_paths_and_urls_relative_to_itself(tmp_path: Path) -> None:
    text = "# comment\n\n repos/a \r\nhttps://example.org/team/b.git\ngit@example.org:team/c.git\n../d\n"
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "all.txt").write_text(text)
    assert told(str(tmp_path / "lists" / "all.txt")) == [
        ("a", str(tmp_path / "lists/repos/a")),
        ("team/b", "https://example.org/team/b.git"),
        ("team/c", "git@example.org:team/c.git"),
        ("d", str(tmp_path / "d")),
    ]


def test_json_lines_bring_metadata(tmp_path: Path) -> None:
    lines = (
        '{"url": "https://example.org/x/y.git", "name": "team/why", "owner": "team", "default_branch": "trunk"}\n'
        '{"path": "here", "owner": null, "default_branch": "", "stars": 7}\n'
    )
    (tmp_path / "all.jsonl").write_text(lines)
    assert find_repositories([str(tmp_path / "all.jsonl")]) == [
        Repository("team/why", "https://example.org/x/y.git", "https://example.org/x/y.git", "url", "team", "trunk"),
        Repository("here", "here", str(tmp_path / "here"), "path"),
    ]


def test_standard_input_is_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"a\nb\n")))
    monkeypatch.chdir(tmp_path)
    assert told("-") == [("a", str(tmp_path / "a")), ("b", str(tmp_path / "b"))]


def test_each_repository_comes_once(tmp_path: Path) -> None:
    make(tmp_path / "a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    sources = (
        str(tmp_path / "a"), str(tmp_path), str(tmp_path / "link"), "https://example.org/a/b.git",
        "https://user:secret@EXAMPLE.org/a/b/", "git@example.org:a/b.git", "ssh://git@example.org/a/b",
    )  # fmt: skip
    assert [name for name, _ in told(*sources)] == ["a", "a/b"]


def test_names_are_unique_and_safe_even_where_capitals_do_not_count() -> None:
    sources = (
        "https://example.org/a/b", "https://example.com/a/b", "https://example.org/A/B", "https://example.org/a__b",
        "https://example.org/../../etc/pass wd", "https://example.org/-o/.hidden", "https://example.org/%2e%2e/\x1b[31m",
        "https://example.org/" + "long/" * 100,
    )  # fmt: skip
    names = [repository.name for repository in find_repositories(sources)]
    assert names[:2] == ["a/b", "example.com/a/b"]
    assert len({file_name_of(name).casefold() for name in names}) == len(sources)
    for name in names:
        assert len(file_name_of(name)) <= 240
        assert not {"", ".", ".."} & set(name.split("/"))
        assert not name.startswith(("-", "."))
        assert all(c.isascii() and (c.isalnum() or c in "._-/") for c in name)


def test_a_repository_keeps_the_name_that_its_host_knows_it_by() -> None:
    urls = [f"https://example.org/{name}" for name in ("org/.github", "org/github", "org/-a", "org/b.", "org/_c-")]
    assert [repository.name for repository in find_repositories(urls)] == [
        "org/.github", "org/github", "org/-a", "org/b.", "org/_c-"
    ]  # fmt: skip


def test_names_end_unique_whatever_is_taken() -> None:
    names = Names()
    taken = [names.take(["x"], str(number)) for number in range(50)]
    assert len(set(taken)) == 50


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b"", ["list: no repository in this list"]),
        (b"# none\n\n", ["list: no repository in this list"]),
        (b'{"url": "https://x/y"}\n{"url": 7}\n\n{"path": ', ["list:2: url must be a text", "list:4: no JSON"]),
        (b'{"url": "https://x/y", "default-branch": "a"}', ["list:1: there is no key default-branch (perhaps "]),
        (b'{"name": "a", "url": ""}', ["list:1: needs either url or path"]),
        (b'{"name": "a", "url": "https://x/y", "path": "b"}', ["list:1: needs either url or path"]),
        (b'{"url": "not one"}', ["list:1: not one is no URL"]),
        (b'{"path": "a"}\nb\n', ["list:2: no JSON"]),
        (b'\n[{"url": "https://x/y"}]\n', ["list:2: a JSON array; it must be one object a line"]),
        (b"[\n", ["list:1: a JSON array"]),
        (b"b\n[1]\n" + b'{"path": "a"}\n', ["list:3: a line of JSON"]),
        (b"{" + b'"a": [' * 5000, ["list:1: no JSON"]),
        (b"a\0b", ["list:1: no path or URL holds a NUL"]),
        (b"\n".join([b'{"path": "ok"}'] + [b"{"] * 15), ["list:2: ", "list:11: ", "and 5 more lines"]),
        (b'{"path": "ok"}\n{"\x1b[31m', ["list:2: no JSON"]),
    ],
)
def test_what_is_wrong_in_a_list_is_told_with_its_line(lines: bytes, words: list[str]) -> None:
    with pytest.raises(SourceError) as error:
        list(read_list(lines, "list", "/"))
    for word in words:
        assert word in str(error.value)
    assert "\x1b" not in str(error.value)


def test_what_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such folder or file, and it is no URL"):
        find_repositories([str(tmp_path / "none")])
    with pytest.raises(SourceError, match="no git repository in this folder"):
        find_repositories([str(tmp_path)])
    (tmp_path / "closed").mkdir(mode=0)
    if os.geteuid():
        with pytest.raises(SourceError, match="cannot be searched: Permission denied"):
            find_repositories([str(tmp_path / "closed")])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.org/a", "https://example.org/a"),
        ("https://token@example.org/a?x=@", "https://example.org/a?x=@"),
        ("HTTPS://token@example.org/a", "HTTPS://example.org/a"),
        ("https://us@er:se/cret@example.org/a", "https://er:se/cret@example.org/a"),
        ("https://us@er:secret@example.org/a", "https://example.org/a"),
        ("ssh://git:secret@example.org/a", "ssh://git@example.org/a"),
        ("git@example.org:a/b", "git@example.org:a/b"),
        ("https://example.org/a@b", "https://example.org/a@b"),
    ],
)
def test_no_password_is_shown(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a", True), ("ssh://git@example.org/a", True), ("file:///srv/a", True),
        ("ext::sh -c touch% /tmp/x", True), ("git@example.org:a/b.git", True), ("user@host:~/x", True),
        ("a/b", False), ("./a:b", False), ("a@b", False), ("C:/x", False), ("/srv/a@b:c", False), ("a@b/c:d", False),
    ],
)  # fmt: skip
def test_what_is_a_url(text: str, expected: bool) -> None:
    assert is_url(text) is expected
