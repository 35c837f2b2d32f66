"""curl, wget, git: what they write and which files of the user they read."""

from __future__ import annotations

import pytest
from command_call import effects_of, names

from reorder.effects import PathSet, Role

URL = "https://example.org/x/a.tgz"


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        (f"curl -fsSL {URL}", set()),
        (f"curl -fsSL {URL} -o /tmp/a.tgz", {"/tmp/a.tgz"}),
        (f"curl -fsSLo/tmp/a {URL}", {"/tmp/a"}),
        (f"curl -O {URL}?q=1", {"/app/a.tgz"}),
        (f"curl --output-dir /opt -O {URL}", {"/opt/a.tgz"}),
        (f"curl -OJ {URL}", {"/app/**"}),
        ("curl -O https://example.org/$.tgz", {"/app/**"}),
        (f"curl {URL} -o /tmp/a-$.tgz", {"/tmp/**"}),
        (f"curl -D /tmp/h -c /tmp/c -o - {URL}", {"/tmp/h", "/tmp/c"}),
        (f"wget {URL}", {"/app/a.tgz", "/root/.wget-hsts"}),
        (f"wget -qO- {URL}", {"/root/.wget-hsts"}),
        (f"wget -nv -P /opt {URL}", {"/opt/a.tgz", "/root/.wget-hsts"}),
        (f"wget -q -O /tmp/a --no-check-certificate {URL}", {"/tmp/a", "/root/.wget-hsts"}),
        (f"wget --content-disposition {URL}", {"/app/**", "/root/.wget-hsts"}),
        ("git clone --depth 1 https://example.org/x/repo.git", {"/app/repo/**"}),
        ("git clone git@example.org:x/repo /opt/repo", {"/opt/repo/**"}),
        ("git clone -b v$ https://example.org/repo/ r", {"/app/r/**"}),
        ("git config --global user.name x", {"/root/.gitconfig", "/root/.config/git/config"}),
        ("git config --system x y", {"/etc/gitconfig"}),
        ("git -C /opt/repo checkout abc", {"/opt/repo/**"}),
        ("git --version", set()),
    ],
)
def test_writes(line: str, writes: set[str]) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert not effects.doubts
    assert names(effects, "writes") == writes


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (f"curl {URL}", "/root/.curlrc"),
        (f"curl --cacert ca.pem {URL}", "/app/ca.pem"),
        (f"curl -d @body.json {URL}", "/app/body.json"),
        (f"curl -F file=@x.bin;type=a {URL}", "/app/x.bin"),
        (f"curl -T up {URL}", "/app/up"),
        (f"curl {URL}", "/etc/ssl/certs/x.pem"),
        (f"wget {URL}", "/root/.wgetrc"),
        (f"wget --post-file p {URL}", "/app/p"),
        (f"wget {URL}", "/app/a.tgz"),
        ("git clone https://example.org/x", "/root/.gitconfig"),
        ("git clone ../local x", "/local/HEAD"),
        ("git clone --reference ref https://example.org/x", "/app/ref/HEAD"),
    ],
)
def test_reads(line: str, path: str) -> None:
    assert effects_of(line).reads.has(path)


@pytest.mark.parametrize("line", [f"curl {URL}", f"curl -q -H 'A: b@c' {URL}", "git clone https://example.org/x"])
def test_the_working_directory_is_not_read(line: str) -> None:
    effects = effects_of(line)
    assert not effects.reads.meets(PathSet.of("/app/.git", "/app/.git/config", "/app/package.json"))
    assert effects.role is Role.DOWNLOAD
    assert effects.network


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        (f"curl -K conf {URL}", "unknown-option"),
        (f"curl -o $ {URL}", "path-unknown"),
        ("curl file:///app/x", "unknown-option"),
        (f"curl --unheard-of {URL}", "unknown-option"),
        ("wget -i list", "unknown-option"),
        (f"wget -e output_document=/x {URL}", "unknown-option"),
        ("git bisect start", "unknown-command"),
        ("git --git-dir=/x log", "unknown-option"),
        ("git -C $ log", "path-unknown"),
    ],
)
def test_doubts_are_refused(line: str, slug: str) -> None:
    assert [block.slug for block in effects_of(line).blocks] == [slug]


@pytest.mark.parametrize("line", ["curl $ -o /tmp/x", "wget -O /tmp/x $"])
def test_an_unknown_url_is_not_proven(line: str) -> None:
    assert effects_of(line).doubts


def test_git_in_a_copied_repository_stays() -> None:
    files = {"/app/.git/HEAD": "ref"}
    assert effects_of("git describe", cwd="/app/sub", files=files).blocks
    assert not effects_of("git describe", cwd="/app/sub", files=files, made=frozenset(["/app/.git"])).blocks


def test_lfs_hooks_reach_a_repository_around() -> None:
    effects = effects_of("git lfs install", cwd="/app/sub")
    assert effects.writes.has("/app/.git/hooks/pre-push")
    assert not effects_of("git lfs install --skip-repo").writes.has("/app/.git/hooks/pre-push")
