"""The history of a build context: from real repositories, among them hostile and broken ones."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from repositories import Repository

from reorder.weighing.history import Commit, History
from reorder.world import git_log
from reorder.world.git_log import read_history


def _changes(history: History) -> list[tuple[str, set[str], set[str]]]:
    return [(commit.subject, set(commit.paths), set(commit.modes)) for commit in history.commits]


def test_each_commit_against_its_first_parent_oldest_first_without_the_first(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": "1", "old/name": "1"}, "root")
    added = repository.commit({"b/c": "1"}, "add")
    repository.commit({"a": "2"}, "edit")
    (tmp_path / "a").chmod(0o755)
    repository.commit({}, "mode")
    (tmp_path / "a").chmod(0o644)
    repository.commit({"a": "3"}, "mode and text")
    repository.commit({"old/name": None, "new/name": "1"}, "rename")
    repository.commit({"b/c": None}, "delete")
    repository.commit({}, "empty")
    history = read_history(str(tmp_path))
    assert _changes(history) == [
        ("add", {"b/c"}, set()),
        ("edit", {"a"}, set()),
        ("mode", set(), {"a"}),
        ("mode and text", {"a"}, set()),
        ("rename", {"old/name", "new/name"}, set()),
        ("delete", {"b/c"}, set()),
    ]
    assert history.notes == ()
    assert history.commits[0] == Commit(added, 1_700_000_060, "add", frozenset({"b/c"}))


def test_a_merge_is_one_commit_with_all_that_it_brought(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": "1"}, "root")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit({"s1": "1"}, "side 1")
    repository.commit({"s2": "1"}, "side 2")
    repository.git("checkout", "--quiet", "main")
    repository.commit({"a": "2"}, "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "merge", "side")
    assert _changes(read_history(str(tmp_path))) == [("main", {"a"}, set()), ("merge", {"s1", "s2"}, set())]


def test_the_last_commits_only(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    for number in range(6):
        repository.commit({"a": str(number)}, f"{number}")
    assert [commit.subject for commit in read_history(str(tmp_path), limit=2).commits] == ["4", "5"]
    assert len(read_history(str(tmp_path), limit=6).commits) == 5
    assert len(read_history(str(tmp_path), limit=5).commits) == 5


def test_a_context_inside_the_repository_sees_its_own_paths_alone(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "r")
    repository.commit({"top": "1", "services/api/main.py": "1", "services/apix": "1"})
    repository.commit({"top": "2"}, "outside")
    repository.commit({"services/api/main.py": "2", "top": "3", "services/apix": "2"}, "both")
    repository.commit({":(glob)x/a": "1"}, "odd")
    assert _changes(read_history(str(tmp_path / "r/services/api"))) == [("both", {"main.py"}, set())]
    assert _changes(read_history(str(tmp_path / "r/:(glob)x"))) == [("odd", {"a"}, set())]
    (tmp_path / "link").symlink_to(tmp_path / "r/services")
    assert _changes(read_history(str(tmp_path / "link"))) == [("both", {"api/main.py", "apix"}, set())]


def test_settings_of_the_user_change_nothing(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": "some text that is long enough to be found again\n" * 9})
    repository.git("mv", "a", "z")
    repository.commit({"ä b": "1"}, "Grüße")
    expected = _changes(read_history(str(tmp_path)))
    assert expected == [("Grüße", {"a", "z", "ä b"}, set())]
    for name, value in (
        ("diff.renames", "copies"), ("log.follow", "true"), ("core.quotePath", "true"), ("color.ui", "always"),
        ("log.showRoot", "true"), ("diff.relative", "true"), ("log.decorate", "full"), ("log.date", "relative"),
        ("format.pretty", "full"), ("core.abbrev", "7"), ("diff.noprefix", "true"), ("diff.orderFile", "nowhere"),
        ("diff.ignoreSubmodules", "all"), ("log.diffMerges", "separate"), ("i18n.logOutputEncoding", "latin1"),
        ("diff.submodule", "log"), ("log.abbrevCommit", "true"), ("notes.displayRef", "*"), ("log.mailmap", "true"),
    ):  # fmt: skip
        repository.git("config", name, value)
        assert _changes(read_history(str(tmp_path))) == expected, name


@pytest.mark.skipif(os.name != "posix", reason="names that are not UTF-8")
def test_names_that_are_not_utf_8_and_odd_subjects(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": ""})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n\t:x")).write_text("1")
    repository.commit({}, ":100644 \x07 <b>")
    (commit,) = read_history(str(tmp_path)).commits
    assert {os.fsencode(path) for path in commit.paths} == {b"caf\xe9\n\t:x"}
    assert commit.subject == ":100644 \x07 <b>"


def test_links_submodules_and_files_that_become_folders(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "r")
    other = Repository.make(tmp_path / "o")
    other.commit({"f": "1"})
    repository.commit({"plain": "1", "thing": "1"})
    (tmp_path / "r/link").symlink_to("plain")
    repository.commit({}, "link")
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.root), "vendor/lib")
    repository.commit({}, "submodule")
    repository.write({"thing": None})
    repository.commit({"thing/inner": "1"}, "folder")
    (tmp_path / "r/plain").unlink()
    (tmp_path / "r/plain").symlink_to("thing")
    repository.commit({}, "type")
    assert _changes(read_history(str(tmp_path / "r"))) == [
        ("link", {"link"}, set()),
        ("submodule", {".gitmodules", "vendor/lib"}, set()),
        ("folder", {"thing", "thing/inner"}, set()),
        ("type", {"plain"}, set()),
    ]
    assert read_history(str(tmp_path / "r/vendor/lib")).notes == (
        "git knows no change of the build context after its first commit",
    ), "a submodule has a history of its own"


def test_a_dockerfile_that_older_commits_do_not_have(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": "1"})
    repository.commit({"a": "2"})
    repository.commit({"a": "3", "Dockerfile": "FROM x"})
    added = repository.commit({"docker/Dockerfile": "FROM x", "Dockerfile": None})
    repository.commit({"a": "4", "docker/Dockerfile": "FROM y"})
    assert read_history(str(tmp_path), watched="docker/Dockerfile").notes == (
        f"docker/Dockerfile is there, under this name, since commit {added[:12]}; 2 commits are older",
    )
    assert read_history(str(tmp_path), watched="a").notes == ()


def test_a_shallow_clone_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    origin = Repository.make(tmp_path / "o")
    for number in range(5):
        origin.commit({"a": str(number)}, f"{number}")
    origin.git("clone", "--quiet", "--depth=3", origin.root.as_uri(), str(tmp_path / "c"))
    history = read_history(str(tmp_path / "c"))
    assert [commit.subject for commit in history.commits] == ["3", "4"]
    assert history.notes == ("the clone is shallow: git knows 2 commits to replay",)
    assert read_history(str(tmp_path / "c"), limit=2).notes == ()


def test_a_linked_worktree_has_a_history(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "r")
    repository.commit({"a": "1"})
    repository.commit({"a": "2"}, "two")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "w"))
    assert _changes(read_history(str(tmp_path / "w"))) == [("two", {"a"}, set())]


def test_no_history_is_said_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").mkdir()
    assert read_history(str(tmp_path / "plain")) == History(notes=("the build context is not in a git repository",))
    repository = Repository.make(tmp_path / "r")
    (note,) = read_history(str(tmp_path / "r")).notes
    assert "does not have any commits yet" in note
    repository.commit({"a": "1"})
    assert read_history(str(tmp_path / "r")).notes == (
        "git knows no change of the build context after its first commit",
    )
    (tmp_path / "r/untracked").mkdir()
    assert read_history(str(tmp_path / "r/untracked")).notes == ("git knows no change of the build context",)
    (tmp_path / "broken/.git").mkdir(parents=True)
    (note,) = read_history(str(tmp_path / "broken")).notes
    assert note.startswith("git log failed: not a git repository")
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert read_history(str(tmp_path / "r")).notes == ("git cannot be run: No such file or directory",)


@pytest.mark.parametrize("kind", ["commit", "tree"])
@pytest.mark.parametrize("damage", [None, b"garbage"])
def test_corrupt_history_counts_as_far_as_it_can_be_read(tmp_path: Path, kind: str, damage: bytes | None) -> None:
    repository = Repository.make(tmp_path)
    for number in range(6):
        repository.commit({f"d/{number}": "x", "a": str(number)}, f"{number}")
    lost = repository.git("rev-parse", "HEAD~3" + ("^{tree}" if kind == "tree" else "")).strip()
    file = tmp_path / ".git/objects" / lost[:2] / lost[2:]
    file.chmod(0o644)
    file.unlink() if damage is None else file.write_bytes(damage)
    history = read_history(str(tmp_path))
    assert [commit.subject for commit in history.commits] in (["4", "5"], ["3", "4", "5"], ["5"])
    assert all("a" in commit.paths for commit in history.commits)
    (note,) = history.notes
    assert note.startswith("git log failed after")


def test_a_commit_that_changes_too_much_counts_as_a_change_of_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": "1"})
    repository.commit({f"f{number}": "" for number in range(9)}, "many")
    repository.commit({"a": "2"}, "one")
    monkeypatch.setattr(git_log, "MOST_PATHS", 8)
    many, one = read_history(str(tmp_path)).commits
    assert (many.is_cut, many.paths, one.is_cut, one.paths) == (True, frozenset(), False, {"a"})


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository.make(tmp_path)
    for number in range(40):
        repository.commit({f"{'f' * 100}{n}": str(number) for n in range(30)})
    monkeypatch.setattr(git_log, "_MOST_KEPT", 100)
    monkeypatch.setattr(git_log, "_CHUNK", 1000)
    history = read_history(str(tmp_path))
    assert 3 <= len(history.commits) <= 4
    assert all(len(commit.paths) == 30 for commit in history.commits)
    assert history.notes == (f"only the last {len(history.commits)} commits are replayed: they change 120 paths",)


def test_a_git_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Repository.make(tmp_path / "r")
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\nprintf '{'a' * 40} 7 b\\nsubject\\0{'b' * 40} 6 c\\n'\nexec sleep 60\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git_log, "_SECONDS", 0.3)
    history = read_history(str(tmp_path / "r"))
    assert history == History(notes=("git log took longer than 0.3 seconds: it came to 0 commits",))


def test_planted_programs_do_not_run(tmp_path: Path) -> None:
    mark, program = tmp_path / "mark", tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\n: > '{mark}'\nexit 1\n")
    program.chmod(0o755)
    repository = Repository.make(tmp_path / "r")
    repository.commit({"a": "1", ".gitattributes": "* diff=f filter=f\n"})
    repository.git("config", "gpg.program", str(program))
    repository.git("config", "log.showSignature", "true")
    raw = repository.git("cat-file", "commit", "HEAD")
    head, _, body = raw.partition("\n\n")
    (tmp_path / "raw").write_text(
        head.replace("author", f"parent {repository.git('rev-parse', 'HEAD').strip()}\nauthor", 1)
        + "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n AAAA\n -----END PGP SIGNATURE-----\n\n" + body
    )  # fmt: skip
    signed = repository.git("hash-object", "-t", "commit", "-w", str(tmp_path / "raw")).strip()
    repository.git("reset", "--quiet", "--soft", signed)
    repository.commit({"a": "2"}, "two")
    repository.git("log", expect=None)
    assert mark.exists(), "or else this test proves nothing"
    for name in (
        "diff.external", "diff.f.command", "diff.f.textconv", "core.pager", "pager.log", "core.fsmonitor",
        "core.alternateRefsCommand", "filter.f.clean", "filter.f.process", "core.sshCommand", "credential.helper",
    ):  # fmt: skip
        repository.git("config", name, str(program))
    repository.git("config", "alias.log", f"!{program}")
    (tmp_path / "r/.git/hooks/post-index-change").write_text(program.read_text())
    mark.unlink(missing_ok=True)
    assert [commit.subject for commit in read_history(str(tmp_path / "r")).commits] == ["two"]
    assert not mark.exists()


@pytest.mark.parametrize("omitted", ["blob:none", "tree:0"])
def test_a_partial_clone_fetches_nothing(tmp_path: Path, omitted: str) -> None:
    origin = Repository.make(tmp_path / "o")
    for number in range(4):
        origin.commit({"a": str(number)}, f"{number}")
    origin.git("config", "uploadpack.allowFilter", "true")
    clone = Repository(tmp_path / "c")
    origin.git("clone", "--quiet", f"--filter={omitted}", "--no-checkout", origin.root.as_uri(), str(clone.root))
    mark, program = tmp_path / "mark", tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\n: > '{mark}'\nexit 1\n")
    program.chmod(0o755)
    clone.git("config", "remote.origin.uploadpack", str(program))
    clone.git("show", "HEAD:a", expect=None)
    assert mark.exists(), "or else this test proves nothing"
    mark.unlink()
    history = read_history(str(clone.root))
    assert not mark.exists()
    if omitted == "blob:none":
        assert [commit.subject for commit in history.commits] == ["1", "2", "3"]
    else:
        assert history.notes[0].startswith("git log failed")


def test_a_subject_without_end(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path)
    repository.commit({"a": "1"})
    repository.commit({"a": "2"})
    flood = "x" * (3 << 20)
    stream = f"commit refs/heads/main\ncommitter A <a@b> 1800000000 +0000\ndata {len(flood)}\n{flood}\n"
    stream += "from refs/heads/main^0\nM 100644 inline a\ndata 1\n3\n"
    subprocess.run(["git", "-C", tmp_path, "fast-import", "--quiet"], input=stream.encode(), check=True)
    history = read_history(str(tmp_path))
    assert history.commits == ()
    assert history.notes[0].startswith("only the last 0 commits are replayed")
