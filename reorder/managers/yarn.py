"""yarn, version 1 and the later ones ("berry"): ``yarn install`` and what else Dockerfiles ask of it.

Which of the two runs is told by ``packageManager``, ``.yarnrc.yml`` and the lock file's header.
https://classic.yarnpkg.com/en/docs/cli and https://yarnpkg.com/cli (tried with yarn 1.22 and 4.5)
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.node_environment import global_trees, home_reads, home_writes, system_reads
from reorder.manifests.node_lifecycle import BERRY_EVENTS, NPM_EVENTS, Image, dependency_effects, script_effects
from reorder.manifests.node_project import Project, bin_effects, check_native_build, load_project
from reorder.manifests.package_json import Package, is_from_context, local_path, parents, read_package
from reorder.manifests.user_settings import SettingsFile, check_home, check_unchanged
from reorder.manifests.yarn_lock import YarnLock, find_berry_drift, find_classic_drift, parse_yarn_lock, patch_files
from reorder.manifests.yarn_manifest import find_rewrite
from reorder.manifests.yarn_rc import BerrySettings, read_berry, read_classic, yarn_major

manager = Manager(
    __name__,
    ecosystem="JavaScript",
    tools=("yarn", "yarnpkg"),
    role=Role.INSTALL,
    rules=(
        Rule("yarn install --frozen-lockfile (yarn 1)", "moves", Safety.SAFE, "built",
             "it reads every member's manifest, the lock file, rc files and copied folders"),
        Rule("yarn install (yarn 1)", "moves", Safety.SAFE, "built",
             "the lock file is in sync, or there is none"),
        Rule("yarn install, also --immutable (yarn 2 and later)", "moves", Safety.SAFE, "built",
             "it reads .yarnrc.yml, the release, plug-ins and patches as well, and the lock file is in sync"),
        Rule("yarn install beside a committed .pnp.cjs, not immutable", "moves", Safety.UNSAFE, "documented",
             "yarn may rewrite that file"),
        Rule("yarn workspaces focus", "moves", Safety.SAFE, "tried",
             "it reads what yarn install reads, and leaves the lock file alone"),
        Rule("yarn install with lifecycle scripts that run project code", "stays", None, "built",
             "a script may read any file"),
        Rule("yarn global add NAME", "moves", Safety.SAFE, "documented", "it looks at settings only"),
        Rule("yarn add, yarn set, yarn plugin", "stays", None, "documented", "they write package.json or .yarnrc.yml"),
        Rule("yarn build, yarn run, yarn dlx, yarn workspace", "stays", None, "documented", "they run project code"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --all --allow-root --audit --check-cache --check-files --dev --disable-pnp --enable-pnp --flat --force
    --frozen-lockfile --global --har --help --ignore-engines --ignore-optional --ignore-platform --ignore-scripts
    --ignore-workspace-root-check --immutable --immutable-cache --inline-builds --json --latest --link-duplicates
    --network-concurrency-off --no-bin-links --no-default-rc --no-emoji --no-immutable --no-inline-builds
    --no-lockfile --no-node-version-check --no-progress --non-interactive --offline --prefer-offline --prod
    --production --pure-lockfile --refresh-lockfile --silent --skip-builds --skip-integrity-check --strict-semver
    --unsafe-perm --update-checksums --verbose --version -A -W -g -h -s -v
    """.split()
)
_VALUED = frozenset(
    """
    --audit-level --cache-folder --child-concurrency --cwd --emoji --global-folder --https-proxy --link-folder
    --loglevel --mode --modules-folder --mutex --network-concurrency --network-timeout --no-proxy --otp
    --preferred-cache-folder --prefix --prod --production --proxy --registry --use-yarnrc
    """.split()
)
_COMMANDS = frozenset(
    """
    add audit autoclean bin build cache check config constraints create dedupe dlx exec explain focus
    generate-lock-entry global help import info init install licenses link list login logout node npm outdated owner
    pack patch patch-commit plugin policies prune publish rebuild remove run search self-update set stage start tag
    team test unlink unplug up upgrade version versions whoami why workspace workspaces
    """.split()
)
_HARMLESS_KEYS = re.compile(
    r"registry|network-timeout|network-concurrency|strict-ssl|cache-folder|unsafe-perm|ignore-engines|prefer-offline|"
    r"https?-proxy|proxy|//.*|@[\w.-]+:registry|npmRegistryServer|npmAuthToken|enableTelemetry|httpTimeout|"
    r"unsafe-disable-integrity-migration|[a-z0-9_]+_(?:mirror|binary_site|host)|enableGlobalCache|httpRetry|"
    r"enableProgressBars|networkConcurrency|child-concurrency|version-git-tag|disable-self-update-check"
)

_STATES = (".yarn/install-state.gz", ".yarn/build-state.yml")
_PNP_FILES = (".pnp.cjs", ".pnp.js", ".pnp.loader.mjs")
_GROWING = (".yarn/cache", ".yarn/unplugged")


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option, ``install`` if there is none."""
    parsed = parse_options(call.args, valued=_VALUED - {"--production", "--prod"}, switches=_SWITCHES)
    command = parsed.positionals[0] if parsed.positionals else "install"
    if parsed.switches & {"--version", "-v", "--help", "-h"}:
        return _probe(call, _directory(call, parsed))
    role = Role.INSTALL if command in ("install", "workspaces", "global", "add") else Role.LOCAL
    if parsed.unknown and command in ("install", "global", "workspaces", "cache"):
        word = parsed.unknown[0].replace("\0", "…")
        return Effects.blocked("unknown-option", f"yarn {command} {word} is not known", role=role)
    try:
        return _dispatch(call, parsed, command)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _directory(call: Call, parsed: Options) -> str:
    directory = parsed.values.get("--cwd", (".",))[-1]
    if not is_known(directory):
        raise ManifestError("working-directory-unknown", "only a build can tell yarn's --cwd")
    return join(call.cwd, directory)


def _dispatch(call: Call, parsed: Options, command: str) -> Effects:
    directory, names = _directory(call, parsed), parsed.positionals[1:]
    match command, names[:1]:
        case "install", ():
            return _install(call, parsed, directory, is_focus=False)
        case "workspaces", ("focus",):
            return _install(call, parsed, directory, is_focus=True)
        case "global", ("add" | "remove" | "upgrade",):
            return _global(call, directory, names[1:])
        case "global", ("bin" | "dir" | "list",):
            return _probe(call, directory)
        case "cache", ("clean" | "clear" | "dir" | "list",):
            return _cache(call, directory)
        case "config", _:
            return _config(call, directory, parsed, names)
        case "versions" | "help" | "bin" | "list" | "info", _:
            return _probe(call, directory)
        case "add" | "remove" | "upgrade" | "up" | "dedupe" | "import" | "install", _:
            shown = " ".join((command, *names[:2])).replace("\0", "…")
            why = f"yarn {shown} writes package.json and the lock file"
            return Effects.blocked("install-edits-manifest", why, role=Role.INSTALL)
        case "set" | "plugin" | "policies", _:
            return Effects.blocked("install-edits-manifest", f"yarn {command} writes .yarnrc.yml and package.json")
    if command in _COMMANDS - {"run", "workspace", "workspaces", "node", "exec", "dlx", "test", "start", "build"}:
        return Effects.blocked("unknown-command", f"what yarn {command} does is not known")
    shown = " ".join((command, *names[:1])).replace("\0", "…")
    return Effects.blocked("project-code", f"yarn {shown} runs code that may read any file")


def _probe(call: Call, directory: str) -> Effects:
    """What any run of yarn looks at: its settings, and package.json here and above."""
    places = (directory, *parents(directory))
    manifests = (posixpath.join(place, "package.json") for place in places)
    berry = (posixpath.join(place, ".yarnrc.yml") for place in places)
    shared = PathSet.of(trees=("/usr/local/share/.config/yarn",))
    classic = read_classic(call.view, directory, call.home)
    releases = PathSet.of(trees=(posixpath.join(directory, ".yarn/releases"),))
    reads = home_reads(call.home) | shared | system_reads() | PathSet.of(*manifests, *berry) | classic.reads | releases
    writes = home_writes(call.home) | shared | PathSet.of(trees=("/usr/local/share/.cache",))
    return Effects(reads=reads, writes=writes)


def _check_settings(call: Call, directory: str) -> None:
    """Raise `ManifestError` if an earlier step may have written settings that yarn follows."""
    check_home(call.home)
    places = dict.fromkeys((call.home, "/usr/local/share", *parents(directory), directory))
    names = (".yarnrc", ".npmrc", ".yarnrc.yml")
    check_unchanged(call.view, (f for name in names for f in SettingsFile.directly_in(*places, name=name)), "yarn")


def _cache(call: Call, directory: str) -> Effects:
    cache = posixpath.join(directory, ".yarn/cache")
    if is_from_context(call.view, cache):
        raise ManifestError("writes-copied-files", f"yarn cache clean may delete {cache}")
    return _probe(call, directory)


def _config(call: Call, directory: str, parsed: Options, words: tuple[str, ...]) -> Effects:
    if words[:1] in ((), ("get",), ("list",)):
        return _probe(call, directory)
    key = words[1] if len(words) > 1 else ""
    is_user_wide = any(word in ("-H", "--home") for word in parsed.unknown)
    if set(parsed.unknown) - {"-H", "--home"} or words[0] != "set" or not _HARMLESS_KEYS.fullmatch(key):
        shown = " ".join(words[:2]).replace("\0", "…")
        return Effects.blocked("unknown-command", f"what yarn config {shown} changes is not known")
    if not is_user_wide and _major(call, directory) != 1:
        raise ManifestError("writes-copied-files", f"yarn config set writes {directory}/.yarnrc.yml")
    # A new file with harmless keys changes no later install; one that a copy brought is changed by it.
    places = (posixpath.join(call.home, name) for name in (".yarnrc", ".yarnrc.yml"))
    return _probe(call, directory) | Effects(writes=PathSet.of(*filter(call.view.find, places)))


def _major(call: Call, directory: str) -> int | None:
    path = posixpath.join(directory, "package.json")
    package = read_package(call.view, path, "read by yarn") if is_from_context(call.view, path) else None
    return yarn_major(call.view, package, directory)


def _global(call: Call, directory: str, names: tuple[str, ...]) -> Effects:
    for name in names:
        if not is_known(name.rpartition("@")[0] or name) or name.startswith((".", "/", "file:", "link:")):
            shown = name.replace("\0", "…")
            raise ManifestError("unknown-argument", f"what yarn global add {shown} installs may come from the project")
    _check_settings(call, directory)
    trees = PathSet.of(trees=global_trees(call.env))
    probe = _probe(call, directory)
    return probe | Effects(reads=trees, writes=trees, role=Role.INSTALL, network=True)


def _install(call: Call, parsed: Options, directory: str, *, is_focus: bool) -> Effects:
    _check_settings(call, directory)
    package = read_package(call.view, posixpath.join(directory, "package.json"), "read by yarn")
    major = yarn_major(call.view, package, directory)
    if "--modules-folder" in parsed.values:
        raise ManifestError("unknown-option", "yarn's --modules-folder moves the install")
    project = load_project(call.view, directory, tool="yarn")
    install = _Install(call, parsed, project, major, is_focus=is_focus)
    effects = install.classic() if major == 1 else install.berry()
    evidence = tuple(f"{each.path}: read by yarn" for each in project.packages)
    lock = PathSet.of(package.path, posixpath.join(directory, "yarn.lock"))
    first = Effects(reads=lock | project.reads(), role=Role.INSTALL, network=True, evidence=evidence)
    return first | _probe(call, directory) | effects


@dataclass(frozen=True, slots=True)
class _Install:
    """One ``yarn install``; ``major`` is None for an unknown version after 1."""

    call: Call
    parsed: Options
    project: Project
    major: int | None
    is_focus: bool

    @property
    def _lock_path(self) -> str:
        return posixpath.join(self.project.root.directory, "yarn.lock")

    def _lock(self) -> YarnLock | None:
        if not is_from_context(self.call.view, self._lock_path):
            return None
        return parse_yarn_lock(read_manifest(self.call.view, self._lock_path, "yarn's lock file"))

    def classic(self) -> Effects:
        """Yarn 1."""
        view, directory = self.call.view, self.project.root.directory
        settings = read_classic(view, directory, self.call.home)
        flags = {*self.parsed.switches, *settings.flags}
        if "--modules-folder" in flags:
            raise ManifestError("unknown-option", "yarn's --modules-folder moves the install")
        lock = self._lock()
        is_frozen = bool(flags & {"--frozen-lockfile", "--pure-lockfile", "--no-lockfile"})
        effects = self._lock_effects(lock, is_frozen=is_frozen) | bin_effects(self.project, view, changes_mode=False)
        trees = [path for package in self.project.packages for path in _copied_directories(package)]
        effects |= Effects(reads=PathSet.of(posixpath.join(directory, ".yarnclean"), trees=trees))
        if "--ignore-scripts" not in flags and not self._ignores_scripts():
            check_native_build(self.project, view)
            effects |= script_effects(
                self.project.packages,
                view,
                events=NPM_EVENTS,
                image=Image(self.call.env, self.call.base, self.call.is_bare),
            )
            effects |= self._dependency_effects(lock)
        return effects | Effects(outputs=self._outputs("node_modules"))

    def _ignores_scripts(self) -> bool:
        env = {name.lower(): value for name, value in self.call.env.items()}
        value = env.get("yarn_ignore_scripts", env.get("npm_config_ignore_scripts", ""))
        return value.lower() in ("true", "1")

    def _lock_effects(self, lock: YarnLock | None, *, is_frozen: bool) -> Effects:
        path = self._lock_path
        if lock is None:
            written = PathSet.of(path)
            return Effects(reads=written, writes=PathSet() if is_frozen else written)
        if is_frozen or self.is_focus:
            return Effects(reads=PathSet.of(path), evidence=(f"{path}: yarn is told to leave it as it is",))
        if self.major == 1:
            why = find_classic_drift(lock, self.project)
        else:
            why = find_berry_drift(lock, self.project, major=self.major)
        if why is not None:
            raise ManifestError("lock-would-be-rewritten", f"yarn install rewrites {path}: {why}")
        return Effects(reads=PathSet.of(path), evidence=(f"{path} is in sync, so that yarn leaves it as it is",))

    def _dependency_effects(self, lock: YarnLock | None) -> Effects:
        names = lock.names if lock else tuple(n for p in self.project.packages for n in p.ranges())
        return dependency_effects(
            names,
            self.project,
            self.call.view,
            image=Image(self.call.env, self.call.base, self.call.is_bare),
            is_certain=False,
        )

    def _outputs(self, *names: str) -> tuple[Output, ...]:
        root = self.project.root
        packages = [package for package in self.project.members if package.ranges()]
        found = [posixpath.join(root.directory, name) for name in names]
        if "node_modules" in names:
            found += [posixpath.join(package.directory, "node_modules") for package in packages]
        return tuple(Output(path, rebuilt=False) for path in found)

    def berry(self) -> Effects:
        """Yarn 2 and later."""
        view, directory = self.call.view, self.project.root.directory
        settings = read_berry(view, directory, self.call.home)
        lock = self._lock()
        is_frozen = bool({"--immutable", "--frozen-lockfile"} & self.parsed.switches)
        is_frozen = is_frozen or self.call.env.get("YARN_ENABLE_IMMUTABLE_INSTALLS", "").lower() in ("1", "true")
        for package in (self.project.root, *self.project.members):
            if (why := find_rewrite(view, package)) is not None:
                raise ManifestError("manifest-would-be-rewritten", f"yarn install rewrites {package.path}: {why}")
        effects = self._lock_effects(lock, is_frozen=is_frozen) | bin_effects(self.project, view, changes_mode=True)
        effects |= Effects(reads=settings.reads | self._berry_trees(lock))
        if "skip-build" not in self.parsed.values.get("--mode", ()):
            effects |= script_effects(
                self.project.packages,
                view,
                events=BERRY_EVENTS,
                image=Image(self.call.env, self.call.base, self.call.is_bare),
            )
            effects |= self._dependency_effects(lock)
        return effects | self._berry_outputs(settings, is_frozen=is_frozen)

    def _berry_trees(self, lock: YarnLock | None) -> PathSet:
        directory, view = self.project.root.directory, self.call.view
        patches = patch_files(lock, self.project.packages) if lock else ()
        names = (".yarn/plugins", ".yarn/patches", ".yarn/cache", ".yarn/unplugged", ".yarn/offline")
        trees = [path for package in self.project.packages for path in _copied_directories(package)]
        trees += [posixpath.join(directory, name) for name in names if view.find(posixpath.join(directory, name))]
        pnp = (posixpath.join(directory, name) for name in _PNP_FILES)
        return PathSet.of(*(join(directory, patch) for patch in patches), *pnp, trees=trees)

    def _berry_outputs(self, settings: BerrySettings, *, is_frozen: bool) -> Effects:
        """What yarn leaves in the project; a cache of the project's own only grows by an install."""
        directory, view = self.project.root.directory, self.call.view
        outputs = self._outputs("node_modules") if settings.linker != "pnp" else ()
        paths = {name: posixpath.join(directory, name) for name in (*_STATES, *_PNP_FILES, *_GROWING)}
        is_there = {name for name, path in paths.items() if view.find(path) is not None}
        outputs += tuple(Output(paths[name], rebuilt=False) for name in _STATES if name in is_there)
        committed = [name for name in _PNP_FILES if name in is_there]
        doubts = tuple(f"yarn may rewrite {paths[name]}" for name in committed if not is_frozen)
        files = (paths[name] for name in (*_STATES, *_PNP_FILES) if name not in is_there)
        trees = (paths[name] for name in _GROWING if name not in is_there)
        return Effects(outputs=outputs, writes=PathSet.of(*files, trees=trees), doubts=doubts)


def _copied_directories(package: Package) -> list[str]:
    """Directories whose whole content yarn copies into node_modules."""
    found = []
    for range_ in package.ranges().values():
        path = local_path(package.directory, range_)
        if path is not None and not range_.startswith(("link:", "portal:")) and not path.endswith((".tgz", ".tar.gz")):
            found.append(path)
    return found
