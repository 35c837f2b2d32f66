"""bun: ``bun install`` and what else Dockerfiles ask of it; ``bunx`` and ``bun run`` run code.

An install reads package.json of the root and of every member, the lock file, bunfig.toml, ``.npmrc``, ``.env`` files
and patches, and runs the lifecycle scripts of the root and of the members. Of the dependencies only those run scripts
that package.json or bun's own list trusts.
https://bun.com/docs/cli/install (tried with bun 1.1.45, 1.2.23, 1.3.6, 1.4.5)
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from reorder.effects import SYSTEM_TREES, Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests.bun_lock import (
    BunLock,
    bun_doubts,
    bun_version,
    find_bun_drift,
    opens_programs,
    read_bun_lock,
    trusted_names,
)
from reorder.manifests.bun_settings import BunSettings, bun_settings
from reorder.manifests.files import ManifestError
from reorder.manifests.node_environment import home_reads, system_reads
from reorder.manifests.node_lifecycle import Image, dependency_effects, script_effects
from reorder.manifests.node_project import Project, bin_effects, check_native_build, load_project
from reorder.manifests.node_workspaces import find_members
from reorder.manifests.package_json import is_from_context, local_path, parents, read_package

manager = Manager(
    __name__,
    ecosystem="JavaScript",
    tools=("bun", "bunx"),
    role=Role.INSTALL,
    rules=(
        Rule("bun install --frozen-lockfile", "moves", Safety.SAFE, "built",
             "it reads manifests, the lock file, settings and patches"),
        Rule("bun ci", "moves", Safety.SAFE, "tried", "as bun install --frozen-lockfile"),
        Rule("bun install", "moves", Safety.SAFE, "tried",
             "the lock file is in sync and of the image's bun, or there is none"),
        Rule("bun install with a lock file of an unknown bun, or a bun.lockb", "moves", Safety.UNSAFE, "tried",
             "another version of bun rewrites the lock file"),
        Rule("bun install with lifecycle scripts that run project code", "stays", None, "tried",
             "a script may read any file"),
        Rule("bun add -g, bun install -g", "moves", Safety.SAFE, "built", "it looks at nothing in the project"),
        Rule("bun upgrade", "moves", Safety.UNSAFE, "documented", "it replaces bun itself"),
        Rule("bun add, bun remove, bun update", "stays", None, "documented", "they write package.json"),
        Rule("bun run, bun build, bun test, bunx", "stays", None, "documented", "they run project code"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --all --analyze --dev --dry-run --exact --force --frozen-lockfile --global --help --ignore-scripts
    --lockfile-only --no-cache --no-progress --no-save --no-summary --no-verify --only-missing --optional --peer
    --prefer-offline --production --quiet --save --save-text-lockfile --silent --trust --verbose --version --yarn
    -D -E -a -d -f -g -h -p -v -y
    """.split()
)
_VALUED = frozenset(
    """
    --backend --ca --cache-dir --cafile --concurrent-scripts --config --cpu --cwd --filter --linker
    --minimum-release-age --network-concurrency --omit --os --registry -F
    """.split()
)
_INSTALL = frozenset(("install", "i", "ci"))
_EDITS = frozenset("add a remove rm r uninstall update link unlink patch".split())
_QUERIES = frozenset("ls cache bin hash hash-string hash-print why untrusted default-trusted whoami view".split())
_MIGRATED = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-workspace.yaml")
_EVENTS = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare")
"""What bun runs for the root and for every member; neither ``prepublish`` nor ``dependencies`` (tried)."""


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option."""
    if call.args in (("--version",), ("-v",), ("--revision",)) and call.argv[0] == "bun":
        return Effects(reads=system_reads())
    parsed = parse_options(_split_config(call.args), valued=_VALUED, switches=_SWITCHES)
    command = parsed.positionals[0] if parsed.positionals and call.argv[0] == "bun" else ""
    is_pm = command == "pm" and parsed.positionals[1:2] and parsed.positionals[1] in _QUERIES
    if command not in _INSTALL | _EDITS | {"upgrade", "pm"} or (command == "pm" and not is_pm):
        shown = " ".join((call.argv[0], *call.args[:2])).replace("\0", "…")
        return Effects.blocked("project-code", f"{shown} runs code that may read any file")
    role = Role.INSTALL if command in _INSTALL | {"add", "a"} else Role.LOCAL
    try:
        return _dispatch(call, parsed, command)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _split_config(args: tuple[str, ...]) -> list[str]:
    """``-c`` takes a value only behind ``=``."""
    return [f"--config{word[2:]}" if word.startswith("-c=") else word for word in args]


def _dispatch(call: Call, parsed: Options, command: str) -> Effects:
    if parsed.unknown:
        raise ManifestError("unknown-option", f"bun {command} {parsed.unknown[0].replace(chr(0), '…')} is not known")
    names = parsed.positionals[1:]
    if command == "upgrade":
        return _upgrade(call)
    if command == "pm":
        return _probe(call, parsed)
    if parsed.switches & {"-g", "--global"} and names:
        return _global(call, names)
    if parsed.switches & {"-a", "--analyze"}:
        raise ManifestError("unknown-option", "bun install --analyze reads the sources")
    if command in _EDITS or names or "--trust" in parsed.switches:
        shown = " ".join((command, *names[:2])).replace("\0", "…")
        raise ManifestError("install-edits-manifest", f"bun {shown} writes package.json and the lock file")
    return _Install(call, parsed, is_clean=command == "ci").effects()


def _directory(call: Call, parsed: Options) -> str:
    chosen = parsed.values.get("--cwd", (".",))[-1]
    if not is_known(chosen):
        raise ManifestError("working-directory-unknown", "only a build can tell bun's --cwd")
    return join(call.cwd, chosen)


def _home_trees(call: Call) -> PathSet:
    """The folders of bun itself: global installs and the cache (https://bun.com/docs/install/cache)."""
    named = [call.env[n] for n in ("BUN_INSTALL", "BUN_INSTALL_CACHE_DIR", "BUN_INSTALL_GLOBAL_DIR") if call.env.get(n)]
    return PathSet.of(trees=(join(call.home, ".bun"), join(call.home, ".cache"), *named))


def _settings(call: Call, parsed: Options, directory: str) -> BunSettings:
    config = parsed.values.get("--config", (None,))[-1]
    return bun_settings(call.view, directory, env=call.env, home=call.home, config=config)


def _surroundings(call: Call, parsed: Options, directory: str, settings: BunSettings) -> Effects:
    """What any run of bun's package manager reads, and its caches."""
    caches = PathSet.of(trees=(*settings.caches, *(join(directory, v) for v in parsed.values.get("--cache-dir", ()))))
    files = PathSet.of(*(join(directory, v) for v in parsed.values.get("--cafile", ())))
    reads = home_reads(call.home) | system_reads() | settings.files | files | caches | _home_trees(call)
    return Effects(reads=reads, writes=_home_trees(call) | caches)


def _probe(call: Call, parsed: Options) -> Effects:
    directory = _directory(call, parsed)
    nearby = [posixpath.join(place, "package.json") for place in (directory, *parents(directory))]
    locks = [posixpath.join(directory, name) for name in ("bun.lock", "bun.lockb")]
    settings = _settings(call, parsed, directory)
    return _surroundings(call, parsed, directory, settings) | Effects(reads=PathSet.of(*nearby, *locks), network=True)


def _upgrade(call: Call) -> Effects:
    trees = PathSet.of(trees=SYSTEM_TREES) | _home_trees(call)
    reads = trees | home_reads(call.home) | system_reads()
    doubts = ("what bun upgrade replaces was not tried",)
    return Effects(reads=reads, writes=trees, role=Role.INSTALL, network=True, doubts=doubts)


def _global(call: Call, names: tuple[str, ...]) -> Effects:
    """``bun add -g`` works in its own folder and looks at nothing in the working directory (traced)."""
    for name in names:
        is_local = name.startswith((".", "/", "~", "file:", "link:")) or name.endswith((".tgz", ".tar.gz"))
        if not is_known(name.rpartition("@")[0] or name) or is_local:
            shown = name.replace("\0", "…")
            raise ManifestError("unknown-argument", f"what bun add -g {shown} installs may come from the project")
    place = call.env.get("BUN_INSTALL_GLOBAL_DIR") or posixpath.join(
        call.env.get("BUN_INSTALL") or posixpath.join(call.home, ".bun"), "install/global"
    )
    settings = bun_settings(call.view, place, env=call.env, home=call.home)
    trees = PathSet.of(trees=(*SYSTEM_TREES, place, call.env.get("BUN_INSTALL_BIN") or "/usr/local/bin"))
    above = PathSet.of(*(posixpath.join(folder, "package.json") for folder in parents(place)))
    trees |= _home_trees(call)
    reads = home_reads(call.home) | system_reads() | settings.files | trees | above
    return Effects(reads=reads, writes=trees, role=Role.INSTALL, network=True)


@dataclass(frozen=True, slots=True)
class _Install:
    """``bun install`` and ``bun ci`` in a project."""

    call: Call
    parsed: Options
    is_clean: bool

    def effects(self) -> Effects:
        """All that the command does; raises `ManifestError`."""
        call, view = self.call, self.call.view
        directory = self._workspace_root(_directory(call, self.parsed))
        settings = _settings(call, self.parsed, directory)
        root = read_package(view, posixpath.join(directory, "package.json"), "read by bun")
        # bun before 1.3 takes a pattern with "!" for no exclusion, and reads such a member too
        patterns = [pattern for pattern in root.workspaces if not pattern.startswith("!")]
        extra = (*root.section("overrides").values(), *root.section("resolutions").values())
        project = load_project(view, directory, tool="bun", patterns=patterns, extra=extra)
        effects = Effects(role=Role.INSTALL, network=True, doubts=settings.doubts) | Effects(
            reads=PathSet.of(root.path, *(posixpath.join(directory, name) for name in ("bun.lock", "bun.lockb")))
            | project.reads()
            | PathSet.of(*(posixpath.join(package.directory, "binding.gyp") for package in project.packages)),
            evidence=tuple(f"{package.path}: read by bun" for package in project.packages),
        )
        effects |= _surroundings(call, self.parsed, directory, settings)
        lock = self._lock(directory)
        effects |= self._lock_effects(lock, project, settings) | self._files(project)
        return effects | self._programs(project) | self._scripts(lock, project) | Effects(outputs=_outputs(project))

    def _workspace_root(self, directory: str) -> str:
        """Go up, as bun does, to the workspace that the directory is a member of."""
        view = self.call.view
        for place in parents(directory):
            path = posixpath.join(place, "package.json")
            if is_from_context(view, path):
                patterns = read_package(view, path, "read by bun").workspaces
                if directory in find_members(view, place, (p for p in patterns if not p.startswith("!"))):
                    return place
        return directory

    def _lock(self, directory: str) -> BunLock | None:
        path = posixpath.join(directory, "bun.lock")
        return read_bun_lock(self.call.view, path) if is_from_context(self.call.view, path) else None

    def _lock_effects(self, lock: BunLock | None, project: Project, settings: BunSettings) -> Effects:
        directory, switches = project.root.directory, self.parsed.switches
        text, binary = (posixpath.join(directory, name) for name in ("bun.lock", "bun.lockb"))
        written = Effects()
        if switches & {"-y", "--yarn"} or settings.prints_yarn_lock:
            written = Effects(writes=PathSet.of(posixpath.join(directory, "yarn.lock")))
        if switches & {"--lockfile-only", "--save-text-lockfile"}:
            raise ManifestError("lock-would-be-rewritten", "bun is asked to write the lock file")
        if lock is None and not is_from_context(self.call.view, binary):
            # what other tools left is taken over and written as bun.lock, even where the lock is frozen (1.2.23)
            others = PathSet.of(*(posixpath.join(directory, name) for name in _MIGRATED))
            return written | Effects(reads=others, writes=PathSet.of(text, binary))
        if self._keeps_lock(settings):
            return written | Effects(evidence=(f"{lock.path if lock else binary}: bun is told to leave it as it is",))
        if lock is None:
            return written | Effects(doubts=(f"{binary} is not readable, and bun may rewrite it",))
        version = bun_version(self.call.base)
        if (why := find_bun_drift(lock, project, version)) is not None:
            raise ManifestError("lock-would-be-rewritten", f"bun install rewrites {text}: {why}")
        evidence = (f"{text} is in sync, so that bun leaves it as it is",)
        return written | Effects(doubts=bun_doubts(lock, project, version), evidence=evidence)

    def _keeps_lock(self, settings: BunSettings) -> bool:
        """``--production`` implies a frozen lock file (tried)."""
        keeping = {"--frozen-lockfile", "--production", "-p", "--no-save", "--dry-run"}
        return self.is_clean or bool(self.parsed.switches & keeping) or settings.is_frozen or not settings.saves_lock

    def _files(self, project: Project) -> Effects:
        """Patches, and directories whose whole content is copied for a ``file:`` range."""
        directory = project.root.directory
        patches = [join(directory, path) for path in project.root.section("patchedDependencies").values()]
        trees = []
        for package in project.packages:
            for range_ in package.ranges().values():
                path = local_path(package.directory, range_)
                if path is not None and not path.endswith((".tgz", ".tar.gz")):
                    trees.append(path)
        evidence = tuple(f"{path}: a patch that bun applies" for path in patches)
        return Effects(reads=PathSet.of(*patches, trees=trees), evidence=evidence)

    def _programs(self, project: Project) -> Effects:
        effects = bin_effects(project, self.call.view, changes_mode=True)
        if not effects.reads or not opens_programs(bun_version(self.call.base)):
            return effects
        path = effects.reads.files[0]
        return effects | Effects(doubts=(f"a bun before 1.4 gives {path} mode 777, and a later copy undoes that",))

    def _scripts(self, lock: BunLock | None, project: Project) -> Effects:
        if "--ignore-scripts" in self.parsed.switches:
            return Effects(evidence=("bun is told to run no scripts",))
        view, image = self.call.view, Image(self.call.env, self.call.base, self.call.is_bare)
        check_native_build(project, view)
        effects = script_effects((project.root, *project.members), view, events=_EVENTS, image=image)
        names = lock.names if lock else tuple(name for package in project.packages for name in package.ranges())
        trusted = [name for name in trusted_names(project.root) if name in names]
        effects |= dependency_effects(trusted, project, view, image=image, is_certain=True)
        return effects | dependency_effects(names, project, view, image=image, is_certain=False)


def _outputs(project: Project) -> tuple[Output, ...]:
    packages = (project.root, *(member for member in project.members if member.ranges()))
    return tuple(Output(posixpath.join(package.directory, "node_modules"), rebuilt=False) for package in packages)
