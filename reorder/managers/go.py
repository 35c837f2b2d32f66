"""go: ``go mod download``, what else Dockerfiles ask of modules, and builds, which bring their modules themselves.

A download reads go.mod, go.sum and go.work, and nothing else of the project. In front of a build it brings what the
build would, and sometimes more, which only the module cache shows. https://go.dev/ref/mod (real builds with go 1.19)
"""

from __future__ import annotations

import re

from reorder.context.model import Kind
from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Prefetch, Rule, is_known
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.files import ManifestError
from reorder.manifests.go_mod import (
    Modules,
    check_manifests,
    find_missing_checksum,
    find_modules,
    needs_download,
    read_checksums,
)  # fmt: skip
from reorder.manifests.operands import at_home, probes, shown

manager = Manager(
    __name__,
    ecosystem="Go",
    tools=("go",),
    role=Role.INSTALL,
    rules=(
        Rule("go mod download, go mod verify", "moves", Safety.SAFE, "built",
             "they read go.mod, go.sum and go.work, and the go.mod of local replacements"),
        Rule("go mod download MODULE", "moves", Safety.SAFE, "tried", "if go.sum has the module's checksums"),
        Rule("go build", "two phases", Safety.SAFE, "built",
             "go mod download first, of all that go.mod requires, in a stage that only artifacts are copied out of"),
        Rule("go test, vet, run, generate, install ./…, get -d ./…, mod vendor, mod tidy", "two phases", Safety.SAFE,
             "documented", "as go build: they load the same modules"),
        Rule("the same in a stage that is shipped", "two phases", Safety.UNSAFE, "built",
             "the module cache of the image may hold more"),
        Rule("go install MODULE@VERSION", "moves", Safety.SAFE, "built", "it ignores the module it stands in"),
        Rule("go mod download with a go.work", "moves", Safety.UNSAFE, "tried", "it may write go.work.sum"),
        Rule("go get", "stays", None, "", "it edits go.mod"),
    ),
)  # fmt: skip

_BUILDS = frozenset(("build", "test", "vet", "run", "generate", "install"))
_DOWNLOAD_SWITCHES = frozenset(("-x", "-json", "-modcacherw", "-insecure"))
_HARMLESS_FLAGS = frozenset(
    """
    -mod -v -x -n -a -p -trimpath -buildvcs -tags -ldflags -gcflags -asmflags -gccgoflags -buildmode -race -msan -asan
    -cover -covermode -count -timeout -modcacherw -insecure -installsuffix -linkshared -work -parallel -short -vet
    """.split()
)
"""Build flags that name no manifest and no program (https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies)."""

_HARMLESS_SETTINGS = frozenset(
    """
    GOPROXY GOSUMDB GOPRIVATE GONOSUMDB GONOPROXY GOINSECURE GO111MODULE CGO_ENABLED GOOS GOARCH GOARM GOAMD64
    GOTOOLCHAIN GOVCS GOTELEMETRY
    """.split()
)
_BUILD_SETTINGS = tuple("CGO_ENABLED GOOS GOARCH GOARM GO386 GOAMD64 GOARM64 CGO_CFLAGS CGO_LDFLAGS CC CXX".split())
"""Variables that no download looks at."""

_DONE_BY = tuple(
    ("go", *words.split())
    for words in ("mod download", "mod vendor", "mod tidy", "get -d", "get ./...", "get -v", "get .", "build", "test",
                  "vet", "run .")
)  # fmt: skip


@manager
def analyze(call: Call) -> Effects:
    """Tell what reads manifests only from what reads the sources."""
    try:
        return _dispatch(call)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=Role.INSTALL)


def _dispatch(call: Call) -> Effects:
    match call.args:
        case ("mod", "download", *words):
            return _download(call, words)
        case ("mod", "verify"):
            return _verify(call)
        case ("mod", ("tidy" | "vendor"), *_):
            return _build(call)
        case ("mod", ("init" | "edit" | "fix"), *_) | ("work", *_):
            return Effects.blocked("install-edits-manifest", f"{_shown(call)} writes go.mod or go.work")
        case ("get", *words):
            return _get(call, words)
        case ("install", *words) if _are_remote(words):
            return _install(call, words)
        case ("version" | "env" | "telemetry", *words):
            return _ask(call, words)
        case ("clean", *words) if words and all(word in ("-modcache", "-cache", "-testcache") for word in words):
            return Effects(reads=_module_probes(call), writes=_caches(call))
        case ("help", *_) | ():
            return Effects()
        case (command, *words) if command in _BUILDS and not _are_remote(words):
            return _build(call)
        case _:
            return Effects.blocked("project-code", f"{_shown(call)} may read the module's source")


def _shown(call: Call) -> str:
    return shown(" ".join(("go", *call.args[:3])))


def _are_remote(words: list[str]) -> bool:
    """Whether packages are named with versions, so that the module in the working directory does not count."""
    packages = [word for word in words if not word.startswith("-")]
    return bool(packages) and "@" in packages[0] and not packages[0].startswith((".", "/"))


def _module_probes(call: Call) -> PathSet:
    return probes(call, "go.mod", "go.work")


def _ask(call: Call, words: list[str]) -> Effects:
    """``go version``, ``go env``: they look for a module; ``-w`` sets what later commands do."""
    home = PathSet.of(trees=at_home(call, ".config/go"))
    if call.args[0] == "telemetry":
        return Effects(reads=home, writes=home)
    is_setting = "-w" in words or "-u" in words
    names = [word.partition("=")[0] for word in words if not word.startswith("-")]
    if is_setting and (odd := next((name for name in names if name not in _HARMLESS_SETTINGS), None)):
        return Effects.blocked("unknown-option", f"go env -w {shown(odd)} changes what later go commands do")
    return Effects(reads=home | _module_probes(call), writes=home if is_setting else PathSet())


def _named_trees(call: Call, *names: str) -> tuple[str, ...]:
    """The directories that variables name; raises `ManifestError` if one is not known."""
    values = [call.env[name] for name in names if call.env.get(name)]
    if not all(map(is_known, values)):
        raise ManifestError("path-unknown", "go works in a directory that is only known at build time")
    return tuple(join(call.cwd, part) for value in values for part in value.split(":") if part)


def _caches(call: Call) -> PathSet:
    """The module cache, the checksum database and the build cache: https://go.dev/ref/mod#module-cache."""
    roots = _named_trees(call, "GOPATH") or ("/go", *at_home(call, "go"))
    named = _named_trees(call, "GOMODCACHE", "GOCACHE")
    return PathSet.of(trees=(*named, *(join(root, "pkg") for root in roots), *at_home(call, ".cache/go-build")))


def _surroundings(call: Call) -> Effects:
    """What any command that downloads reads and writes beside the module: git and its settings among them."""
    settings = at_home(call, ".config/go", ".netrc", ".gitconfig", ".config/git", ".git-credentials", ".ssh")
    written = _caches(call) | PathSet.of(trees=at_home(call, ".config/go/telemetry"))
    reads = PathSet.of(trees=(*SYSTEM_TREES, "/usr/local/go", *settings)) | NETWORK_READS | written
    local = [
        place.removeprefix("file://")
        for place in re.split(r"[,|]", call.env.get("GOPROXY", ""))
        if place.startswith("file://")
    ]
    if not all(map(is_known, local)):
        raise ManifestError("path-unknown", "GOPROXY names a directory that is only known at build time")
    reads |= PathSet.of(*_named_trees(call, "GOENV"), trees=local)
    return Effects(reads=reads, writes=written, role=Role.INSTALL, network=True)


def _install(call: Call, words: list[str]) -> Effects:
    """``go install module@version`` ignores the module in the working directory (https://go.dev/ref/mod#go-install;
    traced with go 1.19: neither a broken go.mod nor a broken go.work has an effect).
    """
    if any("@" not in word for word in words if not word.startswith("-")):
        return Effects.blocked("project-code", f"{_shown(call)} builds the module in the working directory")
    if any(word.startswith(("-mod", "-modfile", "-overlay", "-toolexec", "-pkgdir", "-o", "-C")) for word in words):
        return Effects.blocked("unknown-option", f"{_shown(call)}: an option that names files")
    trees = PathSet.of(
        trees=(
            *SYSTEM_TREES, "/usr/local/go", *_named_trees(call, "GOPATH", "GOBIN"),
            *(["/go/bin", "/go/pkg"] if "GOPATH" not in call.env else []), *at_home(call, "go"),
        )
    )  # fmt: skip
    return _surroundings(call) | Effects(reads=trees, writes=trees)


def _get(call: Call, words: list[str]) -> Effects:
    """Inside a module it edits go.mod; outside it installs (before Go 1.18) what is named, into GOPATH."""
    packages = [word for word in words if not word.startswith("-")]
    if find_modules(call.view, _directory(call), gowork=_gowork(call)) is not None:
        return Effects.blocked("install-edits-manifest", f"{_shown(call)} writes go.mod and go.sum", role=Role.INSTALL)
    is_by_name = packages and all(is_known(word) and "." in word.partition("/")[0] for word in packages)
    if not is_by_name or any(word.startswith(".") for word in packages):
        why = f"{_shown(call)} installs what the sources in the working directory import"
        return Effects.blocked("project-code", why, role=Role.INSTALL)
    roots = PathSet.of(trees=_named_trees(call, "GOPATH", "GOBIN") or ("/go", *at_home(call, "go")))
    return _surroundings(call) | Effects(reads=roots | _module_probes(call), writes=roots)


def _directory(call: Call) -> str:
    if not is_known(call.cwd):
        raise ManifestError("working-directory-unknown", "the working directory is only known at build time")
    return call.cwd


def _gowork(call: Call) -> str:
    value = call.env.get("GOWORK", "")
    if not is_known(value):
        raise ManifestError("path-unknown", "GOWORK is only known at build time")
    return value


def _check_settings(call: Call) -> None:
    """Raise `ManifestError` for settings with which other manifests count."""
    if call.env.get("GO111MODULE") == "off":
        raise ManifestError("unknown-option", "GO111MODULE=off: go works without modules")
    for word in call.env.get("GOFLAGS", "").split():
        if not is_known(word) or word.partition("=")[0].replace("--", "-") not in _HARMLESS_FLAGS:
            raise ManifestError("unknown-option", f"GOFLAGS={shown(word)} may change what go reads")


def _load(call: Call) -> Modules:
    """The modules of a command whose manifests go leaves as they are; raises `ManifestError`."""
    _check_settings(call)
    modules = find_modules(call.view, _directory(call), gowork=_gowork(call))
    if modules is None:
        raise ManifestError("manifest-not-found", f"there is no go.mod in {call.cwd} or above")
    check_manifests(modules)
    return modules


def _download(call: Call, words: list[str]) -> Effects:
    names = [word for word in words if not word.startswith("-")]
    if odd := next((word for word in words if word not in names and word not in _DOWNLOAD_SWITCHES), None):
        raise ManifestError("unknown-option", f"go mod download {shown(odd)} is not known")
    modules = find_modules(call.view, _directory(call), gowork=_gowork(call))
    if modules is None and names and all("@" in name for name in names):
        return _surroundings(call) | Effects(reads=_module_probes(call))
    modules = _load(call)
    return _surroundings(call) | Effects(
        reads=modules.reads,
        writes=_written_checksums(call, modules, names),
        doubts=(*_version_doubts(call), *_workspace_doubts(call, modules)),
        evidence=tuple(f"{path}: read by go" for path in modules.reads.files if _is_here(call, path)),
    )


def _is_here(call: Call, path: str) -> bool:
    return call.view.find(path) is not None


def _written_checksums(call: Call, modules: Modules, names: list[str]) -> PathSet:
    """Which go.sum is written: one that is not there yet. Raises `ManifestError` if one that is would change."""
    absent = tuple(path for path in modules.checksums if not _is_here(call, path))
    if len(absent) == len(modules.checksums):
        return PathSet.of(*absent)
    missing = find_missing_checksum(call.view, modules) or _find_unlisted(call, modules, names)
    if missing:
        raise ManifestError("lock-would-be-rewritten", f"go mod download adds the checksum of {missing} to go.sum")
    return PathSet.of(*absent)


def _find_unlisted(call: Call, modules: Modules, names: list[str]) -> str | None:
    """A module named on the command line whose content has no checksum: only then go adds that (go 1.19)."""
    known = {pair for path in modules.checksums if _is_here(call, path) for pair in read_checksums(call.view, path)}
    required = {pair for module in modules.mains for pair in module.requires}
    for name in names:
        path, at, version = name.partition("@")
        versions = [version] if at else [v for n, v in required if n == path]
        if not versions or any((path, v) not in known for v in versions):
            return shown(name)
    return None


def _version_doubts(call: Call) -> tuple[str, ...]:
    """Before Go 1.16.5 go.mod and go.sum may be written anew (https://go.dev/issue/45332; not tried)."""
    found = re.search(r"(?:^|/)golang:1\.(\d+)(?:\.(\d+))?", call.base)
    if found and (int(found[1]), int(found[2] or 99)) < (16, 5):
        return (f"{call.base}: go before 1.16.5 may write go.mod and go.sum anew",)
    return ()


def _workspace_doubts(call: Call, modules: Modules) -> tuple[str, ...]:
    if modules.work is None or not _is_here(call, modules.work.checksums):
        return ()
    return (f"go mod download may add checksums to {modules.work.checksums}",)


def _verify(call: Call) -> Effects:
    """``go mod verify`` compares the module cache with go.sum."""
    modules = _load(call)
    effects = _surroundings(call) | Effects(reads=modules.reads)
    evidence = tuple(f"{path}: read by go" for path in modules.reads.files if _is_here(call, path))
    return effects._replace(role=Role.LOCAL, evidence=evidence)


def _build(call: Call) -> Effects:
    """A build is worth a refusal only where its modules could come earlier."""
    role = Role.INSTALL if find_prefetch(call) else Role.LOCAL
    return Effects.blocked("install-builds-project", f"{_shown(call)} reads the module's source", role=role)


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """``go mod download``, if go.sum is complete and the modules are not already in a vendor directory."""
    command, *words = call.args or ("help",)
    is_build = command in _BUILDS and not _are_remote(words)
    is_local_get = command == "get" and all(word.startswith(("-", ".")) for word in words)
    if not (is_build or is_local_get or call.args[:2] in (("mod", "tidy"), ("mod", "vendor"))):
        return None
    flags = [*words, *call.env.get("GOFLAGS", "").split()]
    if any(re.match(r"--?(?:mod=vendor|modfile|overlay|C\b)", flag) for flag in flags):
        return None
    if call.env.get("GOPROXY") == "off":
        return None
    try:
        return _prefetch(call, is_writable="-mod=mod" in flags)
    except ManifestError:
        return None


def _prefetch(call: Call, *, is_writable: bool) -> Prefetch | None:
    modules = _load(call)
    if not needs_download(modules) or not _is_here(call, modules.checksums[0]):
        return None
    if find_missing_checksum(call.view, modules) is not None:
        return None
    vendored = modules.work.directory if modules.work else modules.mains[0].directory
    entry = call.view.find(join(vendored, "vendor/modules.txt"))
    if entry is not None and entry.kind is Kind.FILE and not is_writable and call.args[:1] != ("mod",):
        return None
    doubts: tuple[str, ...] = ()
    if modules.work is not None:
        doubts = ("in a workspace, go mod download writes go.work.sum, which a build need not do",)
    caches = _surroundings(call).writes
    return Prefetch(
        why="go mod download brings the modules by go.mod and go.sum alone",
        argv=("go", "mod", "download"),
        drops=_BUILD_SETTINGS,
        leaves=caches,
        doubts=doubts,
        done_by=_DONE_BY,
    )
