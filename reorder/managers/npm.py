"""npm: ``npm ci``, ``npm install`` and what else Dockerfiles ask of it.

An install reads package.json, the lock file, ``.npmrc``, the manifests of workspace members and linked directories, and
runs the project's lifecycle scripts. Those are followed where they are known to be harmless; else the install stays.
https://docs.npmjs.com/cli/v11/commands (tried with npm 6, 8, 10, 11)
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Rule, is_known
from reorder.manifests.files import ManifestError
from reorder.manifests.node_environment import global_trees, home_reads, home_writes, system_reads
from reorder.manifests.node_lifecycle import NPM_EVENTS, Image, dependency_effects, script_effects
from reorder.manifests.node_project import Project, bin_effects, check_native_build, load_project
from reorder.manifests.npm_lock import LOCKS, NpmLock, find_drift, npm_major, read_lock
from reorder.manifests.npm_options import NpmLine, parse_line
from reorder.manifests.npm_rc import Settings, cache_trees, read_settings, setting_reads, settings_files
from reorder.manifests.npm_tree import find_unmarked_peer, marks_needed_peers
from reorder.manifests.package_json import is_from_context, parents
from reorder.manifests.user_settings import check_home, check_unchanged

manager = Manager(
    __name__,
    ecosystem="JavaScript",
    tools=("npm", "npx", "node", "nodejs"),
    role=Role.INSTALL,
    rules=(
        Rule("npm ci (also with --workspace)", "moves", Safety.SAFE, "built",
             "it reads every member's manifest, the lock file, .npmrc, patches and local packages"),
        Rule("npm install", "moves", Safety.SAFE, "built",
             "the lock file is one that the image's npm leaves as it is, or there is none"),
        Rule("npm install with an unknown npm", "moves", Safety.UNSAFE, "tried",
             "an old npm would rewrite the lock file"),
        Rule("npm install of a dependency with an unknown install script", "moves", Safety.UNSAFE, "documented",
             "the script may read the project"),
        Rule("npm ci, npm install with lifecycle scripts that run project code", "stays", None, "built",
             "a script may read any file"),
        Rule("npm install -g NAME", "moves", Safety.SAFE, "built", "it looks at nothing in the project"),
        Rule("npm rebuild, npm prune", "moves", Safety.SAFE, "documented", "they read what npm install reads"),
        Rule("npm install NAME", "stays", None, "built", "it writes package.json and the lock file"),
        Rule("npm run, npm test, npx, node", "stays", None, "documented", "they run project code"),
    ),
)  # fmt: skip

_CLEAN = frozenset("ci clean-install ic install-clean isntall-clean".split())
_INSTALL = frozenset("install i in ins inst insta instal isnt isnta isntal isntall add".split())
_QUERIES = frozenset(
    "root bin prefix help view info show v ping whoami outdated ls list ll la explain why search doctor".split()
)
_CODE = frozenset(
    "run run-script rum urn test t tst start stop restart exec x it cit install-test install-ci-test sit".split()
)
_HARMLESS_KEYS = re.compile(
    r"(?:@[\w.-]+:)?registry|//.*|unsafe-perm|strict-ssl|fetch-[a-z-]+|loglevel|audit|fund|update-notifier|progress|"
    r"(?:https?-)?proxy|noproxy|maxsockets|legacy-peer-deps|engine-strict|user|timeout|network-timeout|audit-level|"
    r"_auth|_authToken|always-auth|email|[a-z0-9_]+_(?:mirror|binary_site|binary_host(?:_mirror)?)|color|python|disturl|"
    r"cache-min|prefer-offline|sharp_[a-z_]+|package-lock|save-exact|ca"
)
_LOCAL_NAME = re.compile(r"\.|/|~|[A-Za-z]:|file:|link:|.*\.(?:tgz|tar\.gz|tar)$")


@manager
def analyze(call: Call) -> Effects:
    """Tell npm, npx and node apart."""
    if call.argv[0] == "npm":
        return _analyze_npm(call)
    if call.args and call.args[0] in ("--version", "-v") and len(call.args) == 1:
        return Effects(reads=system_reads())
    return _project_code(call, " ".join((call.argv[0], *call.args[:2])))


def _project_code(call: Call, what: str) -> Effects:
    return Effects.blocked("project-code", f"{what.replace(chr(0), '…')} runs code that may read any file")


def _analyze_npm(call: Call) -> Effects:
    line = parse_line(call.args)
    if line.unknown:
        return Effects.blocked("unknown-option", f"npm {line.unknown[0].replace(chr(0), '…')} is not known")
    if not is_known(line.settings.get("prefix", "")):
        return Effects.blocked("working-directory-unknown", "only a build can tell npm's --prefix")
    command = line.words[0] if line.words else "help"
    is_install = command in _CLEAN | _INSTALL | {"rebuild", "rb", "prune"}
    try:
        return _dispatch(call, line, command)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=Role.INSTALL if is_install else Role.LOCAL)


def _dispatch(call: Call, line: NpmLine, command: str) -> Effects:
    names = line.words[1:]
    if command in _CODE:
        return _project_code(call, " ".join(("npm", *line.words[:2])))
    if command in ("config", "c", "set", "get"):
        return _config(call, line, names if command in ("config", "c") else line.words)
    if command == "cache" and names[:1] in (("clean",), ("clear",), ("rm",), ("verify",), ("ls",)):
        return _probe(call, line)
    if command in _QUERIES:
        return _probe(call, line)._replace(network=True)
    if command in _CLEAN or (command in _INSTALL and not names and not _is_global(call, line)):
        return _Install(call, line, is_clean=command in _CLEAN).effects()
    if command in _INSTALL | {"update", "up", "upgrade", "uninstall", "un", "remove", "rm", "r"} and _is_global(
        call, line
    ):
        return _global_install(call, line, names)
    if command in ("rebuild", "rb", "prune"):
        return _Install(call, line, is_clean=False, names=names, is_rebuild=command != "prune").effects()
    if command in _INSTALL:
        return Effects.blocked(
            "install-edits-manifest",
            f"npm {command} {_show(names)} writes package.json and the lock file",
            role=Role.INSTALL,
        )
    return Effects.blocked("unknown-command", f"what npm {command.replace(chr(0), '…')} does is not known")


def _show(names: tuple[str, ...]) -> str:
    return " ".join(names[:3]).replace("\0", "…")


def _directory(call: Call, line: NpmLine) -> str:
    return join(call.cwd, line.settings.get("prefix") or ".")


def _settings(call: Call, line: NpmLine) -> Settings:
    given = {name: value for name, value in line.settings.items() if name != "prefix"}
    return read_settings(call.view, _directory(call, line), env=call.env, home=call.home, line=given)


def _install_settings(call: Call, line: NpmLine) -> Settings:
    """The settings of an install, all of which must be known; raises `ManifestError`."""
    check_home(call.home)
    places = settings_files(_directory(call, line), env=call.env, home=call.home)
    check_unchanged(call.view, places[:-1] if _is_global(call, line) else places, "npm")
    return _settings(call, line)


def _is_global(call: Call, line: NpmLine) -> bool:
    settings = {**{n.lower(): v for n, v in call.env.items()}, **line.settings}
    is_on = settings.get("global", settings.get("npm_config_global", "")).lower() not in ("", "false")
    return is_on or line.settings.get("location") == "global"


def _surroundings(call: Call, settings: Settings, directory: str) -> Effects:
    """What any run of npm reads, and the caches and logs that it writes."""
    caches = PathSet.of(trees=cache_trees(settings, directory))
    reads = home_reads(call.home) | caches | system_reads() | setting_reads(settings, directory)
    return Effects(reads=reads, writes=home_writes(call.home) | caches)


def _probe(call: Call, line: NpmLine) -> Effects:
    """A command that looks at the settings and at the nearest package.json only."""
    directory = _directory(call, line)
    nearby = (posixpath.join(d, "package.json") for d in (directory, *parents(directory)))
    return _surroundings(call, _settings(call, line), directory) | Effects(reads=PathSet.of(*nearby))


def _config(call: Call, line: NpmLine, words: tuple[str, ...]) -> Effects:
    if words[:1] in ((), ("get",), ("list",), ("ls",)):
        return _probe(call, line)
    if words[0] not in ("set", "delete", "rm") or line.settings.get("location") == "project":
        return Effects.blocked("unknown-command", f"what npm config {_show(words)} does is not known")
    keys = [words[1]] if len(words) > 1 and "=" not in words[1] else [word.partition("=")[0] for word in words[1:]]
    for key in keys:
        if not _HARMLESS_KEYS.fullmatch(key.replace("\0", "x")) or not is_known(key.partition("/")[0]):
            return Effects.blocked("unknown-option", f"npm config set {_show((key,))} changes what later installs do")
    # A new file with harmless keys changes no later install; one that a copy brought is changed by it.
    places = ("/usr/etc/npmrc", *_settings(call, line).files[:-1])
    return _probe(call, line) | Effects(writes=PathSet.of(*filter(call.view.find, places)))


def _global_install(call: Call, line: NpmLine, names: tuple[str, ...]) -> Effects:
    """``npm install -g NAME`` looks at nothing in the working directory (traced; RULEBOOK B6)."""
    if not names and not line.words[0].startswith("u"):
        return Effects.blocked("install-builds-project", "npm install -g without a name installs the working directory")
    for name in names:
        if not is_known(name.rpartition("@")[0] or name) or _LOCAL_NAME.match(name):
            return Effects.blocked(
                "unknown-argument",
                f"what npm install -g {_show((name,))} installs may come from the project",
                role=Role.INSTALL,
            )
    settings = _install_settings(call, line)
    trees = [*global_trees(call.env), *cache_trees(settings, call.cwd)]
    if prefix := line.settings.get("prefix"):
        trees.append(join(call.cwd, prefix))
    reads = home_reads(call.home) | system_reads() | PathSet.of(*settings.files[:-1], trees=trees)
    writes = home_writes(call.home) | PathSet.of(trees=trees)
    return Effects(reads=reads, writes=writes, role=Role.INSTALL, network=True)


@dataclass(frozen=True, slots=True)
class _Install:
    """``npm ci``, ``npm install`` without names, ``npm rebuild`` and ``npm prune`` in a project."""

    call: Call
    line: NpmLine
    is_clean: bool
    names: tuple[str, ...] = ()
    is_rebuild: bool = False

    def effects(self) -> Effects:
        """All that the command does; raises `ManifestError`."""
        call, directory = self.call, _directory(self.call, self.line)
        settings = _install_settings(call, self.line)
        for word in ("package-lock-only", "global-style", "install-links"):
            if settings.is_on(word) and word != "global-style":
                raise ManifestError("unknown-option", f"npm's {word} makes another kind of install")
        lock = read_lock(call.view, directory)
        project = load_project(
            call.view, directory, tool="npm", extra=lock.local_ranges() if lock and lock.version > 1 else ()
        )
        omits_dev = _omits_dev(settings, call)
        return (
            Effects(reads=PathSet.of(project.root.path) | _lock_reads(directory), role=Role.INSTALL, network=True)
            | Effects(reads=project.reads())
            | _surroundings(call, settings, directory)
            | Effects(evidence=tuple(f"{package.path}: read by npm" for package in project.packages))
            | self._lock_effects(lock, project, settings)
            | bin_effects(project, call.view, changes_mode=True)
            | self._script_effects(lock, project, settings, omits_dev=omits_dev)
            | Effects(outputs=tuple(self._outputs(lock, project)))
        )

    def _lock_effects(self, lock: NpmLock | None, project: Project, settings: Settings) -> Effects:
        view, directory = self.call.view, project.root.directory
        if self.is_rebuild:
            return Effects()
        if self.is_clean:
            if lock is None and not any(view.find(posixpath.join(directory, name)) for name in LOCKS):
                raise ManifestError("manifest-not-found", f"npm ci needs a package-lock.json in {directory}")
            return Effects(evidence=(f"{lock.path}: npm ci installs what it says",) if lock else ())
        if not settings.is_on("package-lock", default=True) or not settings.is_on("shrinkwrap", default=True):
            return Effects(evidence=("npm is told to keep no lock file",))
        npm = npm_major(self.call.base)
        yarn_lock = posixpath.join(directory, "yarn.lock")
        if is_from_context(view, yarn_lock) and npm != 6:
            raise ManifestError("lock-would-be-rewritten", f"npm install also rewrites {yarn_lock}")
        if lock is None:
            return Effects(writes=PathSet.of(posixpath.join(directory, "package-lock.json")))
        if (why := find_drift(lock, project, npm=npm)) is not None:
            raise ManifestError("lock-would-be-rewritten", f"npm install rewrites {lock.path}: {why}")
        doubts: tuple[str, ...] = ()
        if npm is None:
            doubts = (f"npm install may rewrite {lock.path} if the image's npm is an old one",)
        if marks_needed_peers(self.call.base) and (peer := find_unmarked_peer(lock.packages)):
            doubts = (f"npm install may rewrite {lock.path}: npm 11.6.2 marks {peer} as a peer",)
        return Effects(doubts=doubts, evidence=(f"{lock.path} is in sync, so that npm install leaves it as it is",))

    def _script_effects(
        self, lock: NpmLock | None, project: Project, settings: Settings, *, omits_dev: bool
    ) -> Effects:
        if settings.is_on("ignore-scripts"):
            return Effects(evidence=("npm is told to run no scripts",))
        view, image = self.call.view, Image(self.call.env, self.call.base, self.call.is_bare)
        effects = Effects()
        if not self.names:
            check_native_build(project, view)
            effects |= script_effects(project.packages, view, events=NPM_EVENTS, image=image)
        if lock is None:
            names = tuple(name for package in project.packages for name in package.ranges())
            return effects | dependency_effects(names, project, view, image=image, is_certain=False)
        names = lock.with_scripts(omits_dev=omits_dev)
        return effects | dependency_effects(names, project, view, image=image, is_certain=lock.version > 1)

    def _outputs(self, lock: NpmLock | None, project: Project) -> list[Output]:
        root = posixpath.join(project.root.directory, "node_modules")
        nested = lock.nested_modules() if lock else frozenset()
        outputs = [Output(root, rebuilt=self.is_clean)]
        for package in (*project.members, *project.links):
            path = posixpath.join(package.directory, "node_modules")
            if project.relative(package) in nested or self.call.view.find(path) is not None:
                outputs.append(Output(path, rebuilt=False))
        return outputs


def _lock_reads(directory: str) -> PathSet:
    return PathSet.of(
        *(posixpath.join(directory, name) for name in (*reversed(LOCKS), "yarn.lock", ".npmrc", "binding.gyp"))
    )


def _omits_dev(settings: Settings, call: Call) -> bool:
    """Whether development dependencies are left out for certain (npm's documentation, ``omit``)."""
    if "dev" in settings.get("include").split() or settings.get("also").startswith("dev"):
        return False
    is_production = settings.is_on("production") or settings.get("only").startswith("prod")
    return is_production or "dev" in settings.get("omit").split() or call.env.get("NODE_ENV") == "production"
