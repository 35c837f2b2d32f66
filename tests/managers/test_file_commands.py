"""The everyday commands: what each line reads and writes."""

from __future__ import annotations

import pytest
from command_call import effects_of, names

NAMES = {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"}


@pytest.mark.parametrize(
    ("line", "reads", "writes"),
    [
        ("mkdir -p a/b /opt/c", set(), {"/app/a/b", "/opt/c"}),
        ("mkdir -m 0755 x", set(), {"/app/x"}),
        ("rm -rf /var/lib/apt/lists/*", set(), {"/var/lib/apt/lists/**"}),
        ("rm -f x", set(), {"/app/x"}),
        ("rm x", {"/app/x"}, {"/app/x"}),
        ("rm -rf *", set(), {"/app/**"}),
        ("rm -rf /tmp/node-$.tgz", set(), {"/tmp/**"}),
        ("touch a", {"/app/a"}, {"/app/a"}),
        ("chmod +x run.sh", {"/app/run.sh"}, {"/app/run.sh"}),
        ("chmod -x run.sh", {"/app/run.sh"}, {"/app/run.sh"}),
        ("chmod -R 755 /opt/x", {"/opt/x/**"}, {"/opt/x/**"}),
        ("chown -R app:app .", {"/app/**"} | NAMES, {"/app/**"}),
        ("cp a /usr/local/bin/", {"/app/a", "/usr/local/bin/a"}, {"/usr/local/bin/a"}),
        ("cp a b", {"/app/a", "/app/b", "/app/b/a"}, {"/app/b", "/app/b/a"}),
        ("cp a b c", {"/app/a", "/app/b", "/app/c/a", "/app/c/b"}, {"/app/c/a", "/app/c/b"}),
        ("cp -r src/. /srv", {"/app/src/**", "/srv/**"}, {"/srv/**"}),
        ("cp -r src /srv/", {"/app/src/**", "/srv/src/**"}, {"/srv/src/**"}),
        ("cp *.conf /etc/x/", {"/app/**", "/etc/x/**"}, {"/etc/x/**"}),
        ("mv a /opt/", {"/app/a/**", "/opt/a/**"}, {"/app/a/**", "/opt/a/**"}),
        ("ln -s /app/bin/x /usr/local/bin/x", {"/app/bin/x/**", "/usr/local/bin/x", "/usr/local/bin/x/x"},
         {"/usr/local/bin/x", "/usr/local/bin/x/x"}),
        ("ln -sf ../x /srv/y/z", {"/srv/x/**", "/srv/y/z", "/srv/y/z/x"}, {"/srv/y/z", "/srv/y/z/x"}),
        ("install -m 755 a /usr/bin/a", {"/app/a", "/usr/bin/a", "/usr/bin/a/a"}, {"/usr/bin/a", "/usr/bin/a/a"}),
        ("install -d -o app /var/x", {"/var/x"} | NAMES, {"/var/x"}),
        ("tee /etc/x", set(), {"/etc/x"}),
        ("cat a /etc/b -", {"/app/a", "/etc/b"}, set()),
        ("head -5 a", {"/app/a"}, set()),
        ("tail -n 5 a", {"/app/a"}, set()),
        ("grep -q x /etc/y", {"/etc/y"}, set()),
        ("grep -r x", {"/app/**"}, set()),
        ("grep -e x -f pats y", {"/app/pats", "/app/y"}, set()),
        ("sort -o b a", {"/app/a"}, {"/app/b"}),
        ("[ -f x -a -d /y ]", {"/app/x", "/y"}, set()),
        ("test $ = 1", set(), set()),
        ("ls", {"/app/**"}, set()),
        ("sha256sum -c -", {"/app/**"}, set()),
        ("sed -i s/a/b/ /etc/x", {"/etc/x"}, {"/etc/x"}),
        ("sed -i.bak -e s/a/b/ -e /x/d /etc/x", {"/etc/x", "/etc/**"}, {"/etc/x", "/etc/**"}),
        ("sed -ri s/$/b/ /etc/x", {"/etc/x"}, {"/etc/x"}),
        ("sed -n 1p a", {"/app/a"}, set()),
        ("awk '{print $1}' a", {"/app/a"}, set()),
        ("find /usr -name *.pyc -delete", {"/usr/**"}, {"/usr/**"}),
        ("find . -type f -exec chmod 644 {} +", {"/app/**"}, {"/app/**"}),
        ("find /x -name y", {"/x/**"}, set()),
        ("tar xzf /tmp/a.tgz -C /usr/local --strip-components=1", {"/tmp/a.tgz", "/usr/local"}, {"/usr/local/**"}),
        ("tar -xJf /tmp/a.txz", {"/tmp/a.txz"}, {"/app/**"}),
        ("tar xf a b", {"/app/a"}, {"/app/**"}),
        ("tar -C /opt -xz", {"/opt"}, {"/opt/**"}),
        ("tar czf /tmp/a.tgz -C /srv x", {"/srv/x/**"}, {"/tmp/a.tgz"}),
        ("tar tf a", {"/app/a"}, set()),
        ("unzip -q /tmp/a.zip -d /opt/a", {"/tmp/a.zip"}, {"/opt/a/**"}),
        ("unzip -p a.zip", {"/app/a.zip"}, set()),
        ("echo hello", set(), set()),
        ("set -eux", set(), set()),
        ("command -v npm", set(), set()),
        ("dos2unix run.sh", {"/app/run.sh"}, {"/app/run.sh"}),
    ],
)  # fmt: skip
def test_reads_and_writes(line: str, reads: set[str], writes: set[str]) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert names(effects, "reads") == reads
    assert names(effects, "writes") == writes


def test_a_destination_that_is_a_directory_of_the_context_takes_the_names() -> None:
    effects = effects_of("cp a lib", files={"/app/lib/x": ""})
    assert names(effects, "writes") == {"/app/lib/a"}


def test_gunzip_replaces_the_file() -> None:
    assert {"/app/a.gz", "/app/a"} <= names(effects_of("gunzip a.gz"), "writes")


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("rm -rf $", "path-unknown"),
        ("rm -rf /$", "path-unknown"),
        ("rm -rf $/x", "path-unknown"),
        ("rm -rf /tmp/$/../x", "path-unknown"),
        ("cp $ /tmp/", "path-unknown"),
        ("cp --unheard-of a b", "unknown-option"),
        ("mkdir --unheard-of=a b", "unknown-option"),
        ("sed -i -f script a", "script-in-a-file"),
        ("sed 'w /etc/x' a", "script-touches-files"),
        ("sed '/x/r other' a", "script-touches-files"),
        ("sed 's/a/b/w out' a", "script-touches-files"),
        ("awk '{print > \"x\"}' a", "script-touches-files"),
        ("awk 'BEGIN{system(\"x\")}'", "script-touches-files"),
        ("patch -p1 -i a", "patches-files"),
        ("find / -name x -exec sh -c y +", "unknown-option"),
        ("find . -exec cp {} /etc +", "unknown-option"),
        ("find . -fprint x", "unknown-option"),
        ("tar --to-command=x -xf a", "unknown-option"),
        ("tar -xf a -I ./x", "unknown-option"),
        ("[ a -nt b ]", "unknown-option"),
        ("command x", "unknown-command"),
    ],
)
def test_doubts_are_refused(line: str, slug: str) -> None:
    effects = effects_of(line)
    assert [block.slug for block in effects.blocks] == [slug]
    assert effects.writes.everything


def test_an_unknown_working_directory_is_not_climbed_out_of() -> None:
    assert effects_of("touch ../x", cwd="/$").blocks
    assert not effects_of("touch /etc/x", cwd="/$").blocks
