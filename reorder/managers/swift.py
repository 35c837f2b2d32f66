"""The Swift package manager: ``swift package resolve``, and the resolving that a build begins with.

https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/swiftpackageresolve; server templates resolve above
the copy in the same way. Not tried on a real build, so that nothing is safe.
"""

from __future__ import annotations

import posixpath
import re

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Options, Prefetch, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.operands import at_home
from reorder.manifests.toolchains import refusal, shown_call, tool_effects, without_comments

manager = Manager(
    __name__,
    ecosystem="Swift",
    tools=("swift",),
    role=Role.INSTALL,
    rules=(
        Rule("swift package resolve", "moves", Safety.UNSAFE, "documented", "it reads Package.swift, which is code"),
        Rule("swift build", "two phases", Safety.UNSAFE, "documented", "swift package resolve first"),
        Rule("swift test, run", "stays", None, "", "they run code of the project"),
    ),
)

_SWITCHES = frozenset(
    """
    --skip-update --force-resolved-versions --disable-automatic-resolution --only-use-versions-from-resolved-file -v
    --verbose --very-verbose --quiet -q --static-swift-stdlib --enable-test-discovery --disable-sandbox --version
    --show-bin-path --disable-scm-to-registry-transformation --no-static-swift-stdlib --disable-index-store
    """.split()
)
_VALUED = frozenset(
    """
    -c --configuration --package-path --scratch-path --build-path --cache-path --config-path --security-path --product
    --target -Xswiftc -Xcc -Xlinker -Xcxx -j --jobs --swift-sdk --triple --arch --netrc-file
    """.split()
)
_CACHES = (".cache/org.swift.swiftpm", ".swiftpm", ".cache/clang")
_UNPROVEN = "Package.swift is code, and its resolving was not tried on a real build"
_LOCAL = re.compile(r"\.package\s*\(\s*(?:name\s*:\s*\"[^\"]*\"\s*,\s*)?path\s*:\s*([^,)]*)")


@manager
def analyze(call: Call) -> Effects:
    """``swift package resolve`` and questions; a build needs the sources."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    try:
        match options.positionals[:2]:
            case ("package", "resolve" | "update" | "fetch"):
                return _resolve(call, options)
            case ("build", *_):
                raise ManifestError("install-builds-project", f"{shown_call(call)} builds the project")
            case () if "--version" in options.switches:
                return Effects()
            case _:
                raise ManifestError("project-code", f"{shown_call(call)} runs code of the project")
    except ManifestError as error:
        return refusal(error)


def _resolve(call: Call, options: Options) -> Effects:
    if options.unknown:
        raise ManifestError("unknown-option", f"swift {options.unknown[0]} is not known".replace("\0", "$…"))
    named = [v for values in options.values.values() for v in values]
    if not all(map(is_known, named)):
        raise ManifestError("path-unknown", "a part of the swift command is only known at build time")
    root = join(call.cwd, options.values.get("--package-path", (".",))[-1])
    scratch = [v for name in ("--scratch-path", "--build-path") for v in options.values.get(name, ())]
    manifests = _manifests(call, root)
    files = PathSet.of(
        *manifests, *(posixpath.join(root, name) for name in ("Package.resolved", ".swift-version")),
        trees=[posixpath.join(root, ".swiftpm")],
    )  # fmt: skip
    lock = posixpath.join(root, "Package.resolved")
    outputs = (Output(join(call.cwd, scratch[-1]) if scratch else posixpath.join(root, ".build"), rebuilt=False),)
    present = [path for path in manifests if call.view.find(path) is not None]
    evidence = tuple(f"{path}: read by swift package resolve" for path in present)
    is_update = options.positionals[1] != "resolve"
    written = PathSet.of(lock) if is_update or call.view.find(lock) is None else PathSet()
    effects = tool_effects(call, caches=_CACHES)
    return effects | Effects(reads=files, writes=written, outputs=outputs, evidence=evidence, doubts=(_UNPROVEN,))


def _manifests(call: Call, root: str) -> list[str]:
    """Package.swift, its variants for versions of Swift, and those of packages by path."""
    found: list[str] = []
    waiting = [root]
    while waiting:
        place = waiting.pop(0)
        main = posixpath.join(place, "Package.swift")
        if main in found:
            continue
        names = [n for n in call.view.names(place) if re.fullmatch(r"Package@swift-[\w.]+\.swift", n)]
        found += [main, *(posixpath.join(place, name) for name in names)]
        text = without_comments(read_manifest(call.view, main, "read by swift").decode("utf-8", "replace"))
        for argument in _LOCAL.findall(text):
            literal = re.fullmatch(r"\s*\"([^\"\\]*)\"\s*", argument)
            if literal is None:
                raise ManifestError("manifest-not-understood", f"{main} names a package by a path that it computes")
            waiting.append(join(place, literal[1]))
    return found


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """``swift package resolve`` ahead of ``swift build``, where the versions are locked."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    places = {"--package-path", "--scratch-path", "--build-path", "--cache-path", "--config-path"}
    if options.positionals[:1] != ("build",) or options.unknown or places.intersection(options.values):
        return None
    try:
        _manifests(call, call.cwd)
    except ManifestError:
        return None
    if call.view.find(join(call.cwd, "Package.resolved")) is None:
        return None
    return Prefetch(
        why="resolving fetches what Package.resolved says, and reads no sources",
        argv=("swift", "package", "resolve"),
        leaves=PathSet.of(trees=at_home(call, *_CACHES)),
        doubts=(_UNPROVEN,),
        done_by=(("swift", "package", "resolve"), ("swift", "package", "update")),
    )
