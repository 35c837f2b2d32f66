"""What composer reads and writes, and which of its installs have two phases."""

from __future__ import annotations

from typing import Any

import pytest
from copied_view import FakeView
from node_call import Content, present_reads, run, slugs

from reorder.context.memory import MemoryTree
from reorder.effects import Effects, Output, Role
from reorder.manager import Call, Prefetch, find_manager

PACKAGE: dict[str, Any] = {"name": "a/shop", "require": {"b/c": "1.0"}, "autoload": {"psr-4": {"Shop\\": "src/"}}}
LOCK: dict[str, Any] = {"packages": [{"name": "b/c", "version": "1.0"}], "packages-dev": []}
MAPPED = {**PACKAGE, "autoload": {"classmap": ["lib/"]}}


def composer(command: str, package: dict[str, Any], lock: dict[str, Any] | None = LOCK, **more: Any) -> Effects:
    files: dict[str, Content] = {"composer.json": package, "src/x.php": "", **more.pop("files", {})}
    return run(command, files | ({"composer.lock": lock} if lock else {}), base="php:8.3", **more)


def prefetch(command: str, package: dict[str, Any], **files: dict[str, Any]) -> Prefetch | None:
    import json

    texts = {"composer.json": json.dumps(package), "composer.lock": json.dumps(files.get("lock", LOCK))}
    words = tuple(command.split())
    manager = find_manager(words[0])
    assert manager is not None
    assert manager.find_prefetch is not None
    view = FakeView(MemoryTree(texts), root="/app", made=(), links=())
    return manager.find_prefetch(Call(words, words[0], "/app", {}, "root", "/root", "php:8.3", view))


@pytest.mark.parametrize(
    "command",
    [
        "composer install --no-scripts --no-autoloader",
        "composer install -n --no-dev --no-scripts --no-autoloader",
        "php composer.phar install --no-scripts --no-autoloader",
        "php -d memory_limit=-1 /usr/bin/composer install --no-scripts --no-autoloader",
    ],
)
def test_the_download_alone_reads_the_manifests(command: str) -> None:
    effects = composer(command, {**MAPPED, "scripts": {"post-install-cmd": "x"}})
    assert not effects.blocks
    assert not effects.doubts
    assert effects.role is Role.INSTALL
    assert effects.outputs == (Output("/app/vendor", rebuilt=False),)
    files: dict[str, Content] = {"composer.json": "", "composer.lock": "", "src/x.php": ""}
    assert present_reads(effects, files) == {"composer.json", "composer.lock"}


def test_without_class_map_and_scripts_the_install_moves() -> None:
    assert not composer("composer install --no-dev", PACKAGE).blocks


@pytest.mark.parametrize(
    ("command", "package", "slug"),
    [
        ("composer install", MAPPED, "install-builds-project"),
        ("composer install -o", PACKAGE, "install-builds-project"),
        ("composer install", {**PACKAGE, "config": {"optimize-autoloader": True}}, "install-builds-project"),
        ("composer install", {**PACKAGE, "scripts": {"post-autoload-dump": "x"}}, "install-runs-project-code"),
        ("composer install --mystery", PACKAGE, "unknown-option"),
        ("composer require x/y", PACKAGE, "install-edits-manifest"),
        ("composer update", PACKAGE, "lock-would-be-rewritten"),
        ("composer config vendor-dir x", PACKAGE, "install-edits-manifest"),
        ("composer config -g vendor-dir x", PACKAGE, "unknown-option"),
        ("composer dump-autoload -o", PACKAGE, "project-code"),
        ("composer run-script build", PACKAGE, "project-code"),
        ("php artisan optimize", PACKAGE, "project-code"),
        ("composer install", {**PACKAGE, "config": {"vendor-dir": "."}}, "unknown-option"),
    ],
)
def test_what_stays(command: str, package: dict[str, Any], slug: str) -> None:
    assert slugs(composer(command, package)) == [slug]


def test_the_version_may_come_from_git() -> None:
    files: dict[str, Content] = {".git/HEAD": ""}
    assert slugs(composer("composer install", PACKAGE, files=files)) == ["install-builds-project"]
    direct = composer("composer install --no-scripts --no-autoloader", PACKAGE, files=files)
    assert slugs(direct) == ["git-in-copied-repository"]
    assert not composer("composer install", {**PACKAGE, "version": "1.0"}, files=files).blocks


def test_local_packages_are_read_whole() -> None:
    package = {**PACKAGE, "repositories": [{"type": "path", "url": "packages/*"}]}
    assert "/app/packages" in composer("composer install", package).reads.trees
    outside = {**PACKAGE, "repositories": [{"type": "path", "url": "./"}]}
    assert slugs(composer("composer install", outside)) == ["install-builds-project"]


def test_plugins_are_doubtful() -> None:
    lock = {"packages": [{"name": "symfony/flex", "type": "composer-plugin"}]}
    assert "symfony/flex" in composer("composer install", PACKAGE, lock).doubts[0]
    assert not composer("composer install --no-plugins", PACKAGE, lock).doubts
    merging = {"packages": [{"name": "wikimedia/composer-merge-plugin", "type": "composer-plugin"}]}
    assert slugs(composer("composer install", PACKAGE, merging)) == ["manifest-not-understood"]


def test_work_in_composers_home_reads_nothing_of_the_project() -> None:
    for command in ("composer global require a/b", "composer self-update --2", "composer config -g process-timeout 9"):
        effects = composer(command, PACKAGE)
        assert not effects.blocks
        assert not effects.reads.has("/app/composer.json")


def test_two_phases() -> None:
    found = prefetch("composer install -o", MAPPED)
    assert found is not None
    assert found.flags == ("--no-scripts", "--no-autoloader")
    assert any("random suffix" in doubt for doubt in found.doubts)
    fixed = prefetch("composer install --no-scripts", {**MAPPED, "config": {"autoloader-suffix": "Shop"}})
    assert fixed is not None
    assert fixed.flags == ("--no-autoloader",)
    assert not fixed.doubts


@pytest.mark.parametrize(
    "command", ["composer install --no-scripts --no-autoloader", "composer update", "composer install --x", "php a.php"]
)
def test_no_two_phases(command: str) -> None:
    assert prefetch(command, MAPPED) is None
