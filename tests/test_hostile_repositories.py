"""Repositories made to do harm: nothing of theirs runs, and nothing but their own branch is ever written."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import Repository

from reorder.outcome import Changed, Failed, FileChange
from reorder.output.text import render_text
from reorder.repository import RepositoryFix, fix_commit
from reorder.source import encode
from reorder.world.commits import CommitWishes, Person, commit_patch
from reorder.world.git import GitError
from reorder.world.pushing import find_push_url, push_branch
from reorder.world.remotes import Remote, check_url
from reorder.world.repositories import find_git_dir, find_head

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FILES = {"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": ""}
SECRET = "idna==0.0.1  # a secret of the machine\n"
WISHES = CommitWishes("dockerfile-fix", "Faster builds", Person("Bot", "bot@example.org"), sign_off=True)
HOOKS = """applypatch-msg fsmonitor-watchman post-checkout post-commit post-index-change post-merge post-rewrite
    post-update pre-auto-gc pre-commit pre-push pre-receive reference-transaction sendemail-validate update""".split()


class Foe:
    """A repository in its folder, beside files that it must not touch and a canary that its programs would leave."""

    def __init__(self, top: Path) -> None:
        self.canary = top / "canary"
        self.outside = top / "outside"
        self.outside.mkdir()
        (self.outside / "requirements.txt").write_text(SECRET)
        (self.outside / "Dockerfile").write_text(BROAD + f"# {SECRET}")
        self.repository = Repository.make(top / "repository")
        self.root, self.git = self.repository.root, self.repository.git
        self.evil = top / "evil"
        self.evil.write_text(f"#!/bin/sh\necho \"$0 $*\" >> {self.canary}\ncat\n")
        self.evil.chmod(0o755)
        self.head = self.repository.commit(FILES)

    def configure(self, **keys: str) -> None:
        """Keys with ``__`` for a dot."""
        for key, value in keys.items():
            self.git("config", key.replace("__", "."), value)

    def survey(self) -> RepositoryFix:
        """All that a migration does with a repository on disk; it must not harm."""
        before = _snapshot(self.root.parent, self.root / ".git")
        git_dir = find_git_dir(str(self.root))
        head = find_head(git_dir)
        fix = fix_commit(git_dir, head.commit)
        if fix.files:
            done = commit_patch(git_dir, head.commit, fix.files, WISHES)
            assert commit_patch(git_dir, head.commit, fix.files, WISHES).status == "present"
            assert self.git("-c", "core.fsmonitor=", "rev-parse", "dockerfile-fix").strip() == done.commit
            with pytest.raises(GitError):
                push_branch(git_dir, Remote("ssh://127.0.0.1:1/x.git", seconds=5), "x", done.commit, Person("a", "b"))
        assert not self.canary.exists(), self.canary.read_text()
        assert _snapshot(self.root.parent, self.root / ".git") == before
        assert SECRET.strip() not in repr(fix)
        return fix


def _snapshot(top: Path, but: Path) -> dict[str, bytes]:
    """All files below ``top``, and what they hold."""
    found = {}
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if Path(folder) / name != but]
        for name in (*names, *folders):
            path = Path(folder) / name
            data = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
            found[str(path)] = hashlib.sha256(data).digest()
    return found


@pytest.fixture
def foe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Foe]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    yield Foe(tmp_path)
    assert not (tmp_path / "canary").exists()


def changed(fix: RepositoryFix) -> Changed:
    (outcome,) = fix.outcomes
    assert isinstance(outcome, Changed), outcome
    return outcome


def test_the_canary_sings(foe: Foe) -> None:
    """The programs of these tests would run, if they were let."""
    foe.configure(core__fsmonitor=str(foe.evil))
    foe.git("status", expect=None)
    assert foe.canary.exists()
    foe.canary.unlink()


def test_hooks(foe: Foe) -> None:
    elsewhere = foe.root.parent / "hooks"
    for folder in (foe.root / ".git/hooks", elsewhere):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).symlink_to(foe.evil)
    changed(foe.survey())
    foe.configure(core__hooksPath=str(elsewhere))
    changed(foe.survey())


def test_filters_and_text_converters(foe: Foe) -> None:
    foe.repository.commit({".gitattributes": "* filter=evil diff=evil eol=crlf ident\n"})
    for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.external",
                "diff.evil.command", "merge.evil.driver"):  # fmt: skip
        foe.git("config", key, str(foe.evil))
    foe.configure(filter__evil__required="true", core__autocrlf="true")
    assert changed(foe.survey()).files[0].old == BROAD


def test_fsmonitor_and_other_programs_of_the_configuration(foe: Foe) -> None:
    evil = str(foe.evil)
    foe.configure(
        core__fsmonitor=evil, core__pager=evil, core__editor=evil, core__askPass=evil, core__alternateRefsCommand=evil,
        core__sshCommand=evil, core__gitProxy=evil, gpg__program=evil, log__showSignature="true",
        commit__gpgSign="true", push__gpgSign="true", credential__helper=f"!{evil}", trailer__x__command=evil,
        trailer__x__key="Signed-off-by",
        sequence__editor=evil, interactive__diffFilter=evil, uploadpack__packObjectsHook=evil, pager__log=evil,
        remote__origin__uploadpack=evil, remote__origin__receivepack=evil, alias__log=f"!{evil}", http__proxy="evil://",
    )  # fmt: skip
    foe.git("config", "alias.ls-tree", f"!{evil}")
    foe.git("config", "url.ext::evil .insteadOf", "ssh://")
    changed(foe.survey())


def test_included_configuration(foe: Foe) -> None:
    more = foe.root / "more.config"
    more.write_text(f"[core]\n\tfsmonitor = {foe.evil}\n\thooksPath = {foe.root}\n\tsshCommand = {foe.evil}\n")
    (foe.root / "reference-transaction").symlink_to(foe.evil)
    foe.git("config", "include.path", str(more))
    foe.git("config", "includeIf.gitdir:**.path", str(more))
    foe.git("config", "includeIf.hasconfig:remote.*.url:**.path", str(more))
    changed(foe.survey())


def test_a_partial_clone_fetches_nothing_by_itself(foe: Foe) -> None:
    blob = foe.git("rev-parse", "HEAD:Dockerfile").strip()
    (foe.root / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    foe.configure(
        extensions__partialClone="origin", remote__origin__url=f"ext::{foe.evil}", remote__origin__promisor="true",
        protocol__ext__allow="always", core__repositoryFormatVersion="1", protocol__allow="always",
    )  # fmt: skip
    (outcome,) = foe.survey().outcomes
    assert isinstance(outcome, Failed)


ADDRESSES = (
    "ext::sh -c evil", "EXT::x", "fd::7", "transport::x", "file:///etc", "FILE:///etc", "/etc", "../x", "http://a/b",
    "ftp://a/b", "rsync://a/b", "https://a/\nb", "-oProxyCommand=evil", "ssh://-oProxyCommand=evil/x", "-x@host:y",
    "foo@-oProxyCommand=evil:x", "ssh://:80/x",
)  # fmt: skip


@pytest.mark.parametrize("url", ADDRESSES)
def test_addresses(url: str, foe: Foe) -> None:
    foe.configure(remote__origin__url=url)
    with pytest.raises(GitError):
        check_url(Remote(find_push_url(str(foe.root / ".git"))))
    with pytest.raises(GitError):
        push_branch(str(foe.root / ".git"), Remote(url), "x", foe.head, Person("a", "b"))


def test_submodules(foe: Foe) -> None:
    modules = f'[submodule "x"]\n\tpath = x\n\turl = ext::{foe.evil}\n'
    modules += '[submodule "y"]\n\tpath = ../outside\n\turl = -x\n'
    (foe.root / ".gitmodules").write_text(modules)
    for path in ("x", "Dockerfile.x"):
        foe.git("update-index", "--add", "--cacheinfo", f"160000,{foe.head},{path}")
    foe.git("add", ".gitmodules")
    foe.git("commit", "--quiet", "--message", "Modules")
    foe.configure(submodule__recurse="true", submodule__x__update=f"!{foe.evil}", fetch__recurseSubmodules="true")
    assert changed(foe.survey()).path == "Dockerfile"


def test_alternates(foe: Foe) -> None:
    other = Repository.make(foe.root.parent / "other")
    other.commit({"secret": SECRET})
    alternates = foe.root / ".git/objects/info/alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{other.root}/.git/objects\n/nowhere\n../../..\n")
    changed(foe.survey())


def test_symbolic_links_that_leave_the_tree(foe: Foe) -> None:
    (foe.root / "app").mkdir()
    (foe.root / "app/Dockerfile").write_text(BROAD)
    (foe.root / "app/requirements.txt").symlink_to(foe.outside / "requirements.txt")
    (foe.root / "Dockerfile.out").symlink_to("../outside/Dockerfile")
    (foe.root / "Dockerfile.passwd").symlink_to("/etc/passwd")
    (foe.root / "folder").symlink_to(foe.outside)
    (foe.root / ".dockerignore").symlink_to("../outside/requirements.txt")
    (foe.root / "compose.yaml").write_text("services:\n  x: {build: {context: folder}}\n  y: {build: ../outside}\n")
    foe.repository.commit({})
    paths = {outcome.path: outcome for outcome in foe.survey().outcomes}
    assert set(paths) == {"Dockerfile", "app/Dockerfile"}
    assert not isinstance(paths["app/Dockerfile"], Changed)


def test_a_dockerfile_of_100_megabytes(foe: Foe) -> None:
    for name in ("Dockerfile", ".dockerignore", "compose.yaml", "requirements.txt"):
        with open(foe.root / name, "wb") as file:
            file.truncate(100 * 1024 * 1024)
    foe.repository.commit({"x/Dockerfile": BROAD, "x/requirements.txt": "idna\n", "x/app.py": ""})
    first, second = foe.survey().outcomes
    assert isinstance(first, Failed)
    assert first.error == "cannot be read: larger than 32 MiB"
    assert isinstance(second, Changed)


def test_deep_trees(foe: Foe) -> None:
    deep = "/".join("d" * 1500)
    stream = f"commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 0\nfrom {foe.head}\n"
    stream += f"M 100644 inline {deep}/Dockerfile\ndata {len(BROAD)}\n{BROAD}\n"
    subprocess.run(["git", "-C", foe.root, "fast-import", "--quiet"], input=stream.encode(), check=True)
    foe.git("reset", "--quiet", "--mixed", "HEAD")
    first, second = foe.survey().outcomes
    assert isinstance(first, Changed)
    assert isinstance(second, Failed)
    assert second.error == "it lies in more than 100 folders"


def test_a_tree_of_trees_without_end(foe: Foe) -> None:
    """Ten entries on each level are 10^12 files in the end, in a few kilobytes."""
    tree = foe.git("rev-parse", "HEAD^{tree}").strip()
    for _ in range(12):
        tree = _make(foe, "tree", b"".join(_entry("40000", str(n), tree) for n in range(10)))
    with pytest.raises(GitError, match="larger than 64 MiB"):
        _survey_of(foe, tree)


def _make(foe: Foe, kind: str, data: bytes) -> str:
    command = ["git", "-C", str(foe.root), "hash-object", "-t", kind, "-w", "--literally", "--stdin"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode().strip()


def _entry(mode: str, name: str, object_: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(object_)


def _survey_of(foe: Foe, tree: str) -> RepositoryFix:
    commit = f"tree {tree}\nauthor A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\n\nx\n"
    foe.git("update-ref", "--no-deref", "HEAD", _make(foe, "commit", commit.encode()))
    before = _snapshot(foe.root.parent, foe.root / ".git")
    git_dir = find_git_dir(str(foe.root))
    head = find_head(git_dir).commit
    try:
        fix = fix_commit(git_dir, head)
        if fix.files:
            with pytest.raises(GitError):
                commit_patch(git_dir, head, fix.files, WISHES)
        return fix
    finally:
        assert _snapshot(foe.root.parent, foe.root / ".git") == before


@pytest.mark.parametrize("name", ["..", ".git", ".", ".GIT", "a/../../b", "/etc", "../outside"])
def test_tree_entries_that_no_checkout_makes(name: str, foe: Foe) -> None:
    tree = foe.git("rev-parse", "HEAD^{tree}").strip()
    blobs = {path: foe.git("rev-parse", f"HEAD:{path}").strip() for path in FILES}
    entries = sorted([*((path, "100644", blob) for path, blob in blobs.items()), (name, "40000", tree)])
    fix = _survey_of(foe, _make(foe, "tree", b"".join(_entry(mode, path, id_) for path, mode, id_ in entries)))
    assert all(not outcome.path.startswith(("..", "/")) for outcome in fix.outcomes)
    assert "Dockerfile" in [outcome.path for outcome in fix.outcomes]


def test_a_tree_that_git_does_not_take(foe: Foe) -> None:
    blob = foe.git("rev-parse", "HEAD:Dockerfile").strip()
    for data in (_entry("100644", "", blob), b"100644 Dockerfile\0short", b"garbage", _entry("blue", "x", blob)):
        with pytest.raises(GitError):
            _survey_of(foe, _make(foe, "tree", data))


def test_modes_and_duplicates_that_git_never_writes(foe: Foe) -> None:
    blob = foe.git("rev-parse", "HEAD:Dockerfile").strip()
    tree = foe.git("rev-parse", "HEAD^{tree}").strip()
    data = _entry("100644", "Dockerfile", blob) + _entry("40000", "Dockerfile", tree)
    data += _entry("100666", "Dockerfile.2", blob)
    assert [outcome.path for outcome in _survey_of(foe, _make(foe, "tree", data)).outcomes]


def test_a_dockerfile_that_is_none(foe: Foe) -> None:
    foe.git("rm", "--quiet", "--cached", "Dockerfile")
    foe.git("update-index", "--add", "--cacheinfo", f"160000,{foe.head},Dockerfile")
    foe.git("commit", "--quiet", "--message", "A submodule called Dockerfile")
    assert foe.survey().outcomes == ()
    foe.git("update-index", "--force-remove", "Dockerfile")
    (foe.root / "Dockerfile").unlink()
    foe.repository.commit({"Dockerfile/Dockerfile": BROAD})
    assert [outcome.path for outcome in foe.survey().outcomes] == ["Dockerfile/Dockerfile"]


def test_names_with_line_breaks_and_escapes(foe: Foe) -> None:
    folder = 'a\nb\x1b[31m"\\\t\x07\udcff'
    foe.repository.commit({f"{folder}/{name}": text for name, text in FILES.items()})
    fix = foe.survey()
    assert [type(outcome) for outcome in fix.outcomes] == [Changed, Changed]
    subprocess.run(["git", "apply", "--check"], cwd=foe.root, input=encode(fix.patch), check=True)
    for outcome in fix.outcomes:
        shown = "\n".join(render_text(outcome, verbose=True, would=True))
        assert not {"\x1b", "\x07"} & set(shown)
    assert "\x1b" not in fix.patch


def test_a_git_file_that_points_elsewhere(foe: Foe, tmp_path: Path) -> None:
    victim = Repository.make(tmp_path / "victim")
    victim.commit(FILES)
    thief = tmp_path / "thief"
    thief.mkdir()
    for target in (victim.root / ".git", Path("../victim/.git")):
        (thief / ".git").write_text(f"gitdir: {target}\n")
        with pytest.raises(GitError, match="does not know of it"):
            find_git_dir(str(thief))
    (thief / ".git").unlink()
    (thief / ".git").symlink_to(victim.root / ".git")
    with pytest.raises(GitError, match="symbolic link"):
        find_git_dir(str(thief))
    (thief / ".git").unlink()
    (thief / ".git").mkdir()
    for name in ("objects", "refs", "HEAD"):
        (thief / ".git" / name).symlink_to(victim.root / ".git" / name)
    with pytest.raises(GitError, match="symbolic link"):
        find_git_dir(str(thief))


def test_a_common_folder_that_is_another_repositorys(foe: Foe, tmp_path: Path) -> None:
    victim = Repository.make(tmp_path / "victim")
    victim.commit(FILES)
    (foe.root / ".git/commondir").write_text(f"{victim.root}/.git\n")
    with pytest.raises(GitError, match="does not know of it"):
        find_git_dir(str(foe.root))
    (foe.root / ".git/commondir").unlink()
    (foe.root / ".git/commondir").symlink_to(foe.outside / "requirements.txt")
    with pytest.raises(GitError, match="cannot be read"):
        find_git_dir(str(foe.root))
    thief = tmp_path / "thief"
    (thief / "own").mkdir(parents=True)
    (thief / ".git").write_text("gitdir: own\n")
    head = victim.git("rev-parse", "HEAD").strip()
    own = {"gitdir": f"{thief}/.git", "commondir": f"{victim.root}/.git", "HEAD": head}
    for name, text in own.items():
        (thief / "own" / name).write_text(text + "\n")
    with pytest.raises(GitError, match="does not know of it"):
        find_git_dir(str(thief))


def test_references_kept_elsewhere(foe: Foe) -> None:
    git_dir = find_git_dir(str(foe.root))
    fix = fix_commit(git_dir, foe.head)
    foe.configure(core__repositoryFormatVersion="1", extensions__refStorage=f"files://{foe.outside}")
    before = _snapshot(foe.outside, foe.root)
    with pytest.raises(GitError):
        commit_patch(git_dir, foe.head, fix.files, WISHES)
    assert _snapshot(foe.outside, foe.root) == before


def test_references_that_leave_the_repository(foe: Foe) -> None:
    """A branch that is a link would have git write through it."""
    target = foe.outside / "reference"
    target.write_text(f"{foe.head}\n")
    (foe.root / ".git/refs/heads/dockerfile-fix").symlink_to(target)
    git_dir = find_git_dir(str(foe.root))
    fix = fix_commit(git_dir, find_head(git_dir).commit)
    commit_patch(git_dir, foe.head, fix.files, WISHES)
    assert target.read_text() == f"{foe.head}\n"


@pytest.mark.parametrize("place", ["refs/heads/a", "logs", "logs/refs/heads/a", "logs/refs/heads/a/b", "objects"])
def test_links_where_git_writes(place: str, foe: Foe) -> None:
    path = foe.root / ".git" / place
    if place == "objects":
        names = [entry.name for entry in path.iterdir() if len(entry.name) == 2]
        links = [path / f"{number:02x}" for number in range(256) if f"{number:02x}" not in names]
    else:
        subprocess.run(["rm", "-rf", path], check=True)
        links = [path]
    for link in links:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(foe.outside / "requirements.txt" if place.endswith("b") else foe.outside)
    before = _snapshot(foe.outside, foe.root)
    git_dir = find_git_dir(str(foe.root))
    fix = fix_commit(git_dir, foe.head)
    with pytest.raises(GitError, match="is a symbolic link"):
        commit_patch(git_dir, foe.head, fix.files, WISHES._replace(branch="a/b"))
    assert _snapshot(foe.outside, foe.root) == before


def test_a_work_tree_elsewhere(foe: Foe) -> None:
    foe.configure(core__worktree=str(foe.outside))
    changed(foe.survey())


def test_replaced_and_grafted_commits(foe: Foe) -> None:
    other = foe.repository.commit({"Dockerfile": "FROM scratch\n"})
    foe.git("reset", "--quiet", "--hard", foe.head)
    foe.git("replace", foe.head, other)
    (foe.root / ".git/info").mkdir(exist_ok=True)
    (foe.root / ".git/info/grafts").write_text(f"{foe.head} {other}\n")
    assert changed(foe.survey()).files[0].old == BROAD


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"x\x9c\x00\x00", None])
def test_corrupt_objects(garbage: bytes | None, foe: Foe) -> None:
    blob = foe.git("rev-parse", "HEAD:Dockerfile").strip()
    foe.repository.commit({"x/Dockerfile": BROAD + "# two\n", "x/requirements.txt": "idna\n", "x/app.py": ""})
    path = foe.root / f".git/objects/{blob[:2]}/{blob[2:]}"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:20] if garbage is None else garbage)
    fix = fix_commit(find_git_dir(str(foe.root)), foe.git("rev-parse", "HEAD").strip())
    first, second = fix.outcomes
    assert isinstance(first, Failed)
    assert "git" in first.error
    assert isinstance(second, Changed)
    tree = foe.git("rev-parse", "HEAD^{tree}").strip()
    path = foe.root / f".git/objects/{tree[:2]}/{tree[2:]}"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:20] if garbage is None else garbage)
    with pytest.raises(GitError):
        fix_commit(find_git_dir(str(foe.root)), foe.git("rev-parse", "HEAD").strip())


@pytest.mark.parametrize("config", ["[core]\n\trepositoryformatversion = 99\n", "[extensions]\n\tevil = 1\n[core]\n"
                         "\trepositoryformatversion = 1\n", "no configuration", "[core\n", "\0\0"])  # fmt: skip
def test_configurations_that_git_does_not_take(config: str, foe: Foe) -> None:
    (foe.root / ".git/config").write_text(config)
    with pytest.raises(GitError):
        find_head(find_git_dir(str(foe.root)))


def test_variables_of_a_hook_mean_another_repository(foe: Foe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    victim = Repository.make(tmp_path / "victim")
    victim.commit({"Dockerfile": "FROM scratch\n"})
    for name, value in (("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_OBJECT_DIRECTORY", ".git/objects"),
                        ("GIT_WORK_TREE", "."), ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor=x'")):  # fmt: skip
        monkeypatch.setenv(name, str(victim.root / value) if "." in value else value)
    before = _snapshot(victim.root, tmp_path / "none")
    git_dir = find_git_dir(str(foe.root))
    fix = fix_commit(git_dir, find_head(git_dir).commit)
    commit_patch(git_dir, foe.head, fix.files, WISHES)
    assert changed(fix).files[0].old == BROAD
    assert _snapshot(victim.root, tmp_path / "none") == before


def test_a_patch_of_something_else_is_no_commit(foe: Foe) -> None:
    git_dir = find_git_dir(str(foe.root))
    for path, old in (("Dockerfile", "other"), ("new", "x"), ("app.py/x", None), ("Dockerfile", None), ("../x", None),
                      (".git/hooks/post-commit", None), ("a/.git/x", None)):  # fmt: skip
        with pytest.raises(GitError):
            commit_patch(git_dir, foe.head, [FileChange(path, old, "new")], WISHES)
    assert foe.git("branch", "--list", "dockerfile-fix") == ""
