"""pnpm: ``pnpm install`` and what else Dockerfiles ask of it.

https://pnpm.io/cli/install and https://pnpm.io/settings (tried with pnpm 9 and 10)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError
from reorder.manifests.node_environment import global_trees, home_reads, home_writes, system_reads
from reorder.manifests.node_lifecycle import NPM_EVENTS, Image, dependency_effects, script_effects
from reorder.manifests.node_project import Project, bin_effects, check_native_build, load_project
from reorder.manifests.npm_rc import Settings, cache_trees, read_settings, setting_reads, settings_files
from reorder.manifests.package_json import Package, is_from_context, local_path, parents
from reorder.manifests.pnpm_lock import (
    PnpmLock,
    find_pnpm_drift,
    overrides,
    patched_files,
    read_pnpm_lock,
    read_workspace,
)
from reorder.manifests.user_settings import SettingsFile, check_home, check_unchanged

manager = Manager(
    __name__,
    ecosystem="JavaScript",
    tools=("pnpm", "pnpx"),
    role=Role.INSTALL,
    rules=(
        Rule("pnpm install --frozen-lockfile (also with --filter, -r)", "moves", Safety.SAFE, "built",
             "it reads every member's manifest, the lock file, the workspace file, .npmrc and patches"),
        Rule("pnpm install", "moves", Safety.SAFE, "built", "the lock file is in sync, or there is none"),
        Rule("pnpm install with an old lock file and an unknown pnpm", "moves", Safety.UNSAFE, "documented",
             "a new pnpm would rewrite the lock file"),
        Rule("pnpm install beside a .pnpmfile.cjs", "moves", Safety.UNSAFE, "documented",
             "the file is code that the install runs"),
        Rule("pnpm fetch", "moves", Safety.SAFE, "tried", "it reads the lock file only"),
        Rule("pnpm install with lifecycle scripts that run project code", "stays", None, "built",
             "a script may read any file"),
        Rule("pnpm add -g NAME", "moves", Safety.SAFE, "documented", "it looks at settings only"),
        Rule("pnpm deploy", "stays", None, "documented", "it copies the sources of a member"),
        Rule("pnpm add NAME", "stays", None, "documented", "it writes package.json and the lock file"),
        Rule("pnpm run, pnpm exec, pnpm dlx", "stays", None, "documented", "they run project code"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --aggregate-output --allow-root --bail --color --config.confirmModulesPurge --dangerously-allow-all-builds --dev
    --engine-strict --fix-lockfile --force --frozen-lockfile --global --help --hoist --ignore-pnpmfile
    --ignore-scripts --ignore-workspace --link-workspace-packages --lockfile-only --merge-git-branch-lockfiles
    --no-audit --no-bail --no-color --no-engine-strict --no-frozen-lockfile --no-fund --no-hoist
    --no-link-workspace-packages --no-lockfile --no-optional --no-prefer-frozen-lockfile --no-prod --no-progress
    --no-save --no-side-effects-cache --no-strict-peer-dependencies --no-verify-store-integrity --offline --optional
    --parallel --prefer-frozen-lockfile --prefer-offline --prod --production --recursive --resolution-only
    --shamefully-hoist --shell-emulator --side-effects-cache --silent --stream --strict-peer-dependencies --symlink
    --trust-lockfile --unsafe-perm --use-stderr --verify-store-integrity --version --workspace-root --yes -D -P -f
    -g -h -r -s -v -w -y
    """.split()
)
_VALUED = frozenset(
    """
    --allow-build --cache-dir --child-concurrency --config.auto-install-peers --config.confirmModulesPurge
    --config.dedupe-peer-dependents --config.engine-strict --config.ignore-scripts
    --config.inject-workspace-packages --config.minimum-release-age --config.node-linker --config.shamefully-hoist
    --config.store-dir --config.strict-peer-dependencies --cpu --dir --fetch-retries --fetch-retry-maxtimeout
    --fetch-retry-mintimeout --fetch-timeout --filter --filter-prod --global-bin-dir --global-dir --hoist-pattern
    --libc --lockfile-dir --loglevel --modules-dir --network-concurrency --network-timeout --node-linker --os
    --package-import-method --prefix --public-hoist-pattern --registry --reporter --resolution-mode
    --shamefully-hoist --state-dir --store-dir --userconfig --virtual-store-dir --workspace-concurrency -C -F
    """.split()
)
_INSTALL = frozenset(("install", "i", "ci", "clean-install"))
_CODE = frozenset("run run-script test t start exec dlx create rebuild rb deploy pack publish restart stop".split())
_KNOWN = frozenset(
    """
    add approve-builds audit cat-file cat-index dedupe doctor env find-hash ignored-builds import init licenses link
    ln login logout outdated patch patch-commit patch-remove pkg remove rm self-update server setup un uninstall
    unlink up update upgrade version whoami
    """.split()
)
_MOVED = ("modules-dir", "virtual-store-dir", "lockfile-dir", "global-pnpmfile", "dir", "git-branch-lockfile")


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option."""
    parsed = parse_options(call.args, valued=_VALUED - {"--shamefully-hoist"}, switches=_SWITCHES)
    words = parsed.positionals
    if words[:1] in (("recursive",), ("multi",), ("m",)):
        words = words[1:]
    command = words[0] if words else "help"
    if call.argv[0] == "pnpm" and command == "deploy":
        return Effects.blocked("project-code", "pnpm deploy copies the sources of a workspace member")
    if call.argv[0] == "pnpx" or command in _CODE:
        shown = " ".join((call.argv[0], *words[:2])).replace("\0", "…")
        return Effects.blocked("project-code", f"{shown} runs code that may read any file")
    role = Role.INSTALL if command in _INSTALL | {"add", "fetch", "prune"} else Role.LOCAL
    try:
        return _dispatch(call, parsed, command, words[1:])
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _dispatch(call: Call, parsed: Options, command: str, names: tuple[str, ...]) -> Effects:
    is_global = bool(parsed.switches & {"-g", "--global"})
    if command in ("config", "c", "set"):
        return _config(call, parsed, names if command != "set" else ("set", *names))
    if command not in _INSTALL | {
        "add",
        "fetch",
        "prune",
        "store",
        "remove",
        "rm",
        "root",
        "bin",
        "list",
        "ls",
        "why",
        "help",
    }:
        if command in _KNOWN:
            raise ManifestError("unknown-command", f"what pnpm {command} does to the project is not followed")
        raise ManifestError("project-code", f"pnpm {command.replace(chr(0), '…')} runs code that may read any file")
    if parsed.unknown:
        raise ManifestError("unknown-option", f"pnpm {command} {parsed.unknown[0].replace(chr(0), '…')} is not known")
    if is_global and (names or command not in _INSTALL):
        return _global(call, names)
    if command in _INSTALL | {"fetch", "prune"} and not names:
        return _Install(call, parsed, command).effects()
    if command in _INSTALL | {"add", "remove", "rm"}:
        shown = " ".join((command, *names[:2])).replace("\0", "…")
        raise ManifestError("install-edits-manifest", f"pnpm {shown} writes package.json and the lock file")
    return _surroundings(call, _settings(call, parsed, _directory(call, parsed)), _directory(call, parsed))


def _directory(call: Call, parsed: Options) -> str:
    chosen = [v for name in ("-C", "--dir", "--prefix") for v in parsed.values.get(name, ())]
    if not all(map(is_known, chosen)):
        raise ManifestError("working-directory-unknown", "only a build can tell pnpm's --dir")
    return join(call.cwd, chosen[-1] if chosen else ".")


def _settings(call: Call, parsed: Options, directory: str) -> Settings:
    given = {name.lstrip("-").removeprefix("config."): "true" for name in parsed.switches}
    given |= {name.lstrip("-").removeprefix("config."): v[-1] for name, v in parsed.values.items()}
    for name in ("-C", "--dir", "--prefix"):
        given.pop(name.lstrip("-"), None)
    return read_settings(call.view, directory, env=call.env, home=call.home, line=given)


def _surroundings(call: Call, settings: Settings, directory: str) -> Effects:
    """What any run of pnpm reads, and its store and caches."""
    caches = PathSet.of(trees=cache_trees(settings, directory))
    names = ("package.json", "pnpm-workspace.yaml")
    nearby = [posixpath.join(place, name) for place in (directory, *parents(directory)) for name in names]
    nearby += [posixpath.join(directory, name) for name in ("package.json5", "package.yaml", ".pnpmrc")]
    reads = home_reads(call.home) | caches | system_reads() | setting_reads(settings, directory) | PathSet.of(*nearby)
    return Effects(reads=reads, writes=home_writes(call.home) | caches)


def _check_settings(call: Call, directory: str) -> None:
    """Raise `ManifestError` if an earlier step may have written settings that pnpm follows."""
    check_home(call.home)
    config = posixpath.join(call.env.get("XDG_CONFIG_HOME") or posixpath.join(call.home, ".config"), "pnpm/rc")
    workspaces = SettingsFile.directly_in(directory, *parents(directory), name="pnpm-workspace.yaml")
    places = settings_files(directory, env=call.env, home=call.home)
    user = SettingsFile(config, posixpath.dirname(posixpath.dirname(config)))
    check_unchanged(call.view, (*places, *workspaces, user), "pnpm")


def _config(call: Call, parsed: Options, words: tuple[str, ...]) -> Effects:
    directory = _directory(call, parsed)
    if words[:1] not in (("get",), ("list",), ()) and (
        words[:1] != ("set",) or any("location" in word for word in parsed.unknown)
    ):
        raise ManifestError("unknown-command", "what this pnpm config changes is not known")
    key = words[1] if len(words) > 1 else ""
    if words[:1] == ("set",) and (not is_known(key) or key in _MOVED or "pnpmfile" in key or key.startswith("script")):
        raise ManifestError("unknown-option", "this pnpm config set changes what later installs do")
    # A new file with harmless keys changes no later install; one that a copy brought is changed by it.
    settings = _settings(call, parsed, directory)
    places = (*settings.files[:-1], posixpath.join(call.home, ".config/pnpm/rc"))
    written = PathSet.of(*filter(call.view.find, places))
    return _surroundings(call, settings, directory) | Effects(writes=written)


def _global(call: Call, names: tuple[str, ...]) -> Effects:
    for name in names:
        if not is_known(name.rpartition("@")[0] or name) or name.startswith((".", "/", "file:", "link:", "~")):
            shown = name.replace("\0", "…")
            raise ManifestError("unknown-argument", f"what pnpm add -g {shown} installs may come from the project")
    nearby = [posixpath.join(d, n) for d in (call.cwd, *parents(call.cwd)) for n in ("package.json", ".npmrc")]
    _check_settings(call, call.cwd)
    trees = PathSet.of(trees=global_trees(call.env))
    nearby.append(posixpath.join(call.cwd, "pnpm-workspace.yaml"))
    reads = home_reads(call.home) | trees | system_reads() | PathSet.of(*nearby)
    return Effects(reads=reads, writes=home_writes(call.home) | trees, role=Role.INSTALL, network=True)


@dataclass(frozen=True, slots=True)
class _Install:
    """``pnpm install``, ``pnpm fetch`` or ``pnpm prune`` in a project."""

    call: Call
    parsed: Options
    command: str

    def effects(self) -> Effects:
        """All that the command does; raises `ManifestError`."""
        call = self.call
        filters = (v for name in ("--filter", "--filter-prod", "-F") for v in self.parsed.values.get(name, ()))
        if any("[" in value for value in filters):
            raise ManifestError("git-in-copied-repository", "pnpm's --filter asks git which packages have changed")
        given = _directory(call, self.parsed)
        _check_settings(call, given)
        directory = self._workspace_root(given)
        settings = _settings(call, self.parsed, directory)
        workspace = self._workspace(directory)
        for name in _MOVED:
            if settings.get(name) or workspace.get(_camel(name)):
                raise ManifestError("unknown-option", f"pnpm's setting {name} moves the install")
        effects = Effects(role=Role.INSTALL, network=True, reads=_lock_reads(directory))
        effects |= _surroundings(call, settings, directory) | _surroundings(call, settings, given)
        effects |= self._hook_file(directory)
        if self.command == "fetch" and not is_from_context(call.view, posixpath.join(directory, "package.json")):
            return effects | Effects(outputs=(Output(posixpath.join(directory, "node_modules"), rebuilt=False),))
        project = self._project(directory, workspace)
        effects |= Effects(reads=project.reads(), evidence=tuple(f"{p.path}: read by pnpm" for p in project.packages))
        effects |= self._patches(project, workspace) | self._copied(project)
        lock_path = posixpath.join(directory, "pnpm-lock.yaml")
        lock = read_pnpm_lock(call.view, lock_path) if is_from_context(call.view, lock_path) else None
        if self.command == "fetch":
            return effects | Effects(outputs=(Output(posixpath.join(directory, "node_modules"), rebuilt=False),))
        effects |= self._lock_effects(lock, lock_path, project, settings, workspace)
        effects |= bin_effects(project, call.view, changes_mode=True)
        return effects | self._scripts(lock, project, settings, workspace) | Effects(outputs=_outputs(project))

    def _workspace_root(self, directory: str) -> str:
        if "--ignore-workspace" in self.parsed.switches:
            return directory
        for place in (directory, *parents(directory)):
            if is_from_context(self.call.view, posixpath.join(place, "pnpm-workspace.yaml")):
                return place
        return directory

    def _workspace(self, directory: str) -> Mapping[str, Any]:
        path = posixpath.join(directory, "pnpm-workspace.yaml")
        is_there = is_from_context(self.call.view, path) and "--ignore-workspace" not in self.parsed.switches
        return read_workspace(self.call.view, path) if is_there else {}

    def _project(self, directory: str, workspace: Mapping[str, Any]) -> Project:
        patterns = workspace.get("packages")
        patterns = [p for p in patterns if isinstance(p, str)] if isinstance(patterns, list) else []
        root_path = posixpath.join(directory, "package.json")
        from reorder.manifests.package_json import read_package

        root = read_package(self.call.view, root_path, "read by pnpm")
        extra = overrides(root, workspace).values()
        return load_project(self.call.view, directory, tool="pnpm", patterns=patterns, extra=extra)

    def _hook_file(self, directory: str) -> Effects:
        """The code of a .pnpmfile.cjs runs during the install; as a rule it edits manifests only."""
        if "--ignore-pnpmfile" in self.parsed.switches:
            return Effects()
        found = [
            n
            for n in (".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js")
            if self.call.view.find(posixpath.join(directory, n))
        ]
        return Effects(doubts=tuple(f"{directory}/{name} is code that the install runs" for name in found))

    def _patches(self, project: Project, workspace: Mapping[str, Any]) -> Effects:
        directory = project.root.directory
        found = [join(directory, path) for path in patched_files(project.root, workspace)]
        return Effects(reads=PathSet.of(*found), evidence=tuple(f"{path}: a patch that pnpm applies" for path in found))

    def _copied(self, project: Project) -> Effects:
        """Directories whose whole content pnpm copies: ``file:`` ranges, and members that are injected."""
        trees = []
        for package in project.packages:
            for range_ in package.ranges().values():
                path = local_path(package.directory, range_)
                if path is not None and range_.startswith("file:") and not path.endswith((".tgz", ".tar.gz")):
                    trees.append(path)
            for name, meta in package.mapping("dependenciesMeta").items():
                if isinstance(meta, dict) and meta.get("injected"):
                    trees += [member.directory for member in project.members if member.name == name]
        return Effects(reads=PathSet.of(trees=trees))

    def _lock_effects(
        self, lock: PnpmLock | None, path: str, project: Project, settings: Settings, workspace: Mapping[str, Any]
    ) -> Effects:
        if lock is None:
            return Effects() if self._is_frozen(settings) else Effects(writes=PathSet.of(path))
        if "--lockfile-only" in self.parsed.switches or "--fix-lockfile" in self.parsed.switches:
            raise ManifestError("lock-would-be-rewritten", "pnpm is asked to write the lock file")
        if self._is_frozen(settings) or self.command == "prune" or not settings.is_on("lockfile", default=True):
            return Effects(evidence=(f"{path}: pnpm installs what it says",))
        major = _major(project.root)
        if (why := find_pnpm_drift(lock, project, major=major, workspace=workspace)) is not None:
            raise ManifestError("lock-would-be-rewritten", f"pnpm install rewrites {path}: {why}")
        if "--no-frozen-lockfile" in self.parsed.switches or "--no-prefer-frozen-lockfile" in self.parsed.switches:
            return Effects(doubts=(f"pnpm is told to look at {path} anew, and may rewrite it",))
        doubts = () if major or lock.version >= 9 else (f"a new pnpm would rewrite {path}",)
        return Effects(doubts=doubts, evidence=(f"{path} is in sync, so that pnpm leaves it as it is",))

    def _is_frozen(self, settings: Settings) -> bool:
        if "--no-frozen-lockfile" in self.parsed.switches:
            return False
        if "--frozen-lockfile" in self.parsed.switches or self.command in ("ci", "clean-install"):
            return True
        is_ci = self.call.env.get("CI", "").lower() not in ("", "false", "0")
        return settings.is_on("frozen-lockfile", default=is_ci)

    def _scripts(
        self, lock: PnpmLock | None, project: Project, settings: Settings, workspace: Mapping[str, Any]
    ) -> Effects:
        if settings.is_on("ignore-scripts") or workspace.get("ignoreScripts") is True:
            return Effects(evidence=("pnpm is told to run no scripts",))
        view, image = self.call.view, Image(self.call.env, self.call.base, self.call.is_bare)
        check_native_build(project, view)
        effects = script_effects((project.root, *project.members), view, events=NPM_EVENTS, image=image)
        if lock is not None and lock.built_names:
            return effects | dependency_effects(lock.built_names, project, view, image=image, is_certain=True)
        names = lock.names if lock else tuple(n for p in project.packages for n in p.ranges())
        return effects | dependency_effects(names, project, view, image=image, is_certain=False)


def _lock_reads(directory: str) -> PathSet:
    names = ("package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", ".pnpmfile.cjs", ".pnpmfile.mjs",
             "pnpmfile.js")  # fmt: skip
    return PathSet.of(*(posixpath.join(directory, name) for name in names))


def _outputs(project: Project) -> tuple[Output, ...]:
    packages = (project.root, *(member for member in project.members if member.ranges()))
    return tuple(Output(posixpath.join(package.directory, "node_modules"), rebuilt=False) for package in packages)


def _major(root: Package) -> int | None:
    found = root.data.get("packageManager")
    match = re.match(r"pnpm@(\d+)", found) if isinstance(found, str) else None
    return int(match[1]) if match else None


def _camel(name: str) -> str:
    head, *rest = name.split("-")
    return head + "".join(word.capitalize() for word in rest)
