"""Distribution packages: the whole system, nothing of the application, unless a word names a file."""

from __future__ import annotations

import pytest
from command_call import effects_of

from reorder.effects import PathSet, Role

APPLICATION = PathSet.of("/app/package.json", "/app/x.deb", "/usr/src/app/x", "/srv/x", "/tmp/x", trees=["/opt/app"])


@pytest.mark.parametrize(
    "line",
    [
        "apt-get update",
        "apt-get -qq update -y",
        "apt-get install -y --no-install-recommends curl=7.* libfoo-dev/stable postgresql-$ gcc:amd64",
        "apt install -t bookworm-backports -y nodejs",
        "apt-get -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold install -y curl",
        "apt-get -oDpkg::Options::=--force-confnew dist-upgrade -y",
        "apt-get purge -y --auto-remove build-essential",
        "apt-get clean",
        "aptitude install -y x",
        "add-apt-repository -y ppa:x/y",
        "dpkg --add-architecture i386",
        "dpkg-reconfigure -f noninteractive tzdata",
        "update-alternatives --install /usr/bin/python python /usr/bin/python3 1",
        "apt-key adv --keyserver hkp://example.org --recv-keys ABC",
        "apk add --no-cache --virtual .build-deps gcc musl-dev",
        "apk add --no-cache -X https://example.org/main x~=1",
        "apk del .build-deps",
        "apk --no-cache upgrade",
        "apk update",
        "dnf install -y https://example.org/x.rpm gcc",
        "dnf -y --setopt=install_weak_deps=False --nodocs install gcc",
        "yum -y install epel-release",
        "yum clean all",
        "microdnf install -y gcc",
        "dnf config-manager --set-enabled crb",
        "zypper --non-interactive in gcc",
        "zypper -n ref",
        "rpm --import https://example.org/KEY",
        "rpm -Uvh https://example.org/x.rpm",
        "locale-gen en_US.UTF-8",
        "localedef -i en_US -f UTF-8 -A /usr/share/locale/locale.alias en_US.UTF-8",
        "docker-php-ext-install pdo_mysql",
    ],
)
def test_the_application_is_not_touched(line: str) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert effects.role is Role.SYSTEM
    assert not effects.reads.meets(APPLICATION)
    assert not effects.writes.meets(APPLICATION)
    assert effects.reads.has("/etc/apt/apt.conf.d/99x") or "locale" in line


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("apt-get install -y ./x.deb", "/app/x.deb"),
        ("apt install -y /tmp/x-$.deb", "/tmp/x-1.deb"),
        ("apt-get install -y ./*.deb", "/app/x.deb"),
        ("apt-get -c my.conf update", "/app/my.conf"),
        ("apt-get build-dep -y .", "/app/debian/control"),
        ("dpkg -i x.deb", "/app/x.deb"),
        ("dpkg -i /tmp/*.deb", "/tmp/x.deb"),
        ("apt-key add key.asc", "/app/key.asc"),
        ("debconf-set-selections preseed", "/app/preseed"),
        ("apk add --allow-untrusted ./x.apk", "/app/x.apk"),
        ("apk add --repositories-file ./repos x", "/app/repos"),
        ("yum install -y x.rpm", "/app/x.rpm"),
        ("dnf config-manager --add-repo ./x.repo", "/app/x.repo"),
        ("rpm -ivh x.rpm", "/app/x.rpm"),
        ("rpm --import key", "/app/key"),
        ("gpg --dearmor -o /usr/share/keyrings/x.gpg key.asc", "/app/key.asc"),
        ("crontab jobs", "/app/jobs"),
        ("fc-cache -f -v", "/root/.fonts/x.ttf"),
        ("fc-cache -f", "/root/.local/share/fonts/x.ttf"),
        ("fc-cache -f -v", "/usr/share/fonts/x.ttf"),
        ("fc-cache -fv fonts", "/app/fonts/x.ttf"),
        ("fc-cache /opt/fonts", "/opt/fonts/x.ttf"),
        ("ldconfig -p", "/etc/ld.so.cache"),
    ],
)
def test_files_that_words_name_are_read(line: str, path: str) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert effects.reads.has(path)


@pytest.mark.parametrize(
    ("line", "slug"),
    [
        ("apt-get install -y $", "system-packages-from-a-variable"),
        ("apk add $", "system-packages-from-a-variable"),
        ("yum install -y $-devel", "system-packages-from-a-variable"),
        ("apt-get -o Dir::Etc=/app/apt update", "unknown-option"),
        ("apt-get -o APT::Update::Post-Invoke::=x update", "unknown-option"),
        ("apt-get unheard-of", "unknown-command"),
        ("ldconfig", "unknown-command"),
        ("ldconfig -v", "unknown-command"),
        ("ldconfig -n /opt/lib", "unknown-command"),
        ("fc-cache --sysroot /x", "unknown-option"),
        ("fc-cache --unheard-of", "unknown-option"),
        ("apk --root /x add y", "unknown-option"),
        ("apk unheard-of", "unknown-command"),
        ("dnf --installroot=/x install y", "unknown-option"),
        ("dnf --setopt=reposdir=/app/repos install y", "unknown-option"),
        ("rpm --root /x -i y", "unknown-option"),
        ("docker-php-ext-install ./x", "unknown-option"),
        ("pecl install ./x", "unknown-option"),
    ],
)
def test_doubts_are_refused(line: str, slug: str) -> None:
    assert [block.slug for block in effects_of(line).blocks] == [slug]


def test_a_pattern_that_the_shell_would_replace_is_refused() -> None:
    assert not effects_of("apt-get install -y lib*").blocks
    assert effects_of("apt-get install -y lib*", files={"/app/library/x": ""}).blocks


def test_the_font_cache_is_all_that_fc_cache_writes() -> None:
    effects = effects_of("fc-cache -f")
    assert effects.writes.has("/var/cache/fontconfig/x")
    assert effects.writes.has("/root/.cache/fontconfig/x")
    assert not effects.writes.has("/root/.fonts/x.ttf")
    assert not effects.reads.meets(APPLICATION)
