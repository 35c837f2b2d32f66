"""Maven: what fetches dependencies ahead of a build, by ``mvn`` or by the project's own wrapper ``mvnw``.

``dependency:go-offline`` reads poms, ``.mvn`` and settings, but is known to fetch more than a build needs and to miss
what plug-ins fetch late, so that nothing here is safe. https://maven.apache.org/plugins/maven-dependency-plugin/,
https://maven.apache.org/configure.html; MDEP-82, MDEP-204 and MDEP-516 in Maven's issue tracker.
"""

from __future__ import annotations

import posixpath
import re

from reorder.context.model import Kind
from reorder.effects import Effects, Output, PathSet, Role, Safety, ancestors, join
from reorder.manager import Call, Manager, Prefetch, Rule, is_known
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.maven_options import MavenLine, parse_maven
from reorder.manifests.operands import at_home
from reorder.manifests.pom import Reactor, load_reactor
from reorder.manifests.toolchains import refusal, tool_effects
from reorder.manifests.xml_text import read_xml, text_of

manager = Manager(
    __name__,
    ecosystem="Java",
    tools=("mvn", "mvnw"),
    wrappers=("mvnw",),
    role=Role.INSTALL,
    rules=(
        Rule("mvn dependency:go-offline", "moves", Safety.UNSAFE, "built", "it reads poms, .mvn and settings"),
        Rule("mvn dependency:resolve", "moves", Safety.UNSAFE, "documented", "it reads poms, .mvn and settings"),
        Rule("mvn dependency:copy-dependencies", "moves", Safety.UNSAFE, "documented", "it fills target/dependency"),
        Rule("mvn package, verify, install", "two phases", Safety.UNSAFE, "built",
             "go-offline first; no module may depend on another one, and the local repository may keep more"),
        Rule("mvn compile, test, deploy, …", "two phases", Safety.UNSAFE, "documented", "as package"),
        Rule("mvn spring-boot:run, exec:java, …", "stays", None, "", "plug-ins run code of the project"),
    ),
)  # fmt: skip

_PHASES = frozenset(
    """
    validate initialize generate-sources process-sources generate-resources process-resources compile process-classes
    generate-test-sources process-test-sources generate-test-resources process-test-resources test-compile
    process-test-classes test prepare-package package pre-integration-test integration-test post-integration-test verify
    install deploy clean pre-clean post-clean site
    """.split()
)
_CLEANING = frozenset(("clean", "pre-clean", "post-clean", "site", "validate", "initialize"))
_RESOLVING = frozenset(
    """
    go-offline resolve resolve-plugins resolve-sources sources tree list copy-dependencies list-repositories
    resolve-dependencies
    """.split()
)
_PLUGINS = ("maven-dependency-plugin", "go-offline-maven-plugin")
_UNPROVEN = "what Maven fetches ahead of a build is not all that it needs, nor nothing else (MDEP-82, MDEP-204)"
_CACHES = (".m2/repository", ".m2/wrapper")


@manager
def analyze(call: Call) -> Effects:
    """Goals that fetch dependencies are followed; phases build the project."""
    try:
        return _analyze(call)
    except ManifestError as error:
        return refusal(error)


def _analyze(call: Call) -> Effects:
    line = _line(call)
    if line.unknown:
        raise ManifestError("unknown-option", f"{call.argv[0]} {line.unknown[0].replace(chr(0), '$…')} is not known")
    if line.has("-v", "--version", "-h", "--help"):
        return _around(call, line)
    if _PHASES.intersection(line.goals):
        raise ManifestError("install-builds-project", f"{_shown(call, line)} builds the project from its sources")
    names = [_resolving_goal(goal) for goal in line.goals]
    if not names or None in names:
        raise ManifestError("project-code", f"{_shown(call, line)} runs plug-ins, which may read any file")
    root = _root_pom(call, line)
    reactor = load_reactor(call.view, root)
    effects = _around(call, line) | _project(call, line, reactor, root)
    return effects | _copied_jars(line, reactor) if "copy-dependencies" in names else effects


def _shown(call: Call, line: MavenLine) -> str:
    return " ".join((call.argv[0], *line.goals[:3])).replace("\0", "$…")


def _line(call: Call) -> MavenLine:
    """The command line with the words that ``MAVEN_ARGS`` and ``.mvn/maven.config`` put before it."""
    path = posixpath.join(_top(call), ".mvn/maven.config")
    entry = call.view.find(path)
    lines = read_manifest(call.view, path, "read by maven").decode("utf-8", "replace").splitlines() if entry else ()
    configured = [word for text in lines if not text.startswith("#") for word in text.split()]
    return parse_maven((*call.env.get("MAVEN_ARGS", "").split(), *configured, *call.args))


def _top(call: Call) -> str:
    """The nearest folder with ``.mvn``, from the working directory up; else the working directory."""
    places = (call.cwd, *ancestors(call.cwd))
    found = (place for place in places if call.view.find(posixpath.join(place, ".mvn")) is not None)
    return next(found, call.cwd)


def _resolving_goal(goal: str) -> str | None:
    """The name of a goal that resolves dependencies and does no more; None for others."""
    plugin, _, name = goal.rpartition(":")
    is_known_plugin = plugin == "dependency" or plugin.split(":")[1:2] in ([each] for each in _PLUGINS)
    return name if is_known_plugin and name in _RESOLVING else None


def _root_pom(call: Call, line: MavenLine) -> str:
    chosen = line.values("file")
    if not all(map(is_known, chosen)):
        raise ManifestError("path-unknown", "only a build can tell which pom Maven is given")
    path = join(call.cwd, chosen[-1] if chosen else "pom.xml")
    entry = call.view.find(path)
    return posixpath.join(path, "pom.xml") if entry and entry.kind is Kind.DIRECTORY else path


def _around(call: Call, line: MavenLine) -> Effects:
    """What any run of Maven reads, and its local repository."""
    places = (call.cwd, *ancestors(call.cwd))
    given = [value for name in ("settings", "global-settings", "toolchains") for value in line.values(name)]
    if not all(map(is_known, given)):
        raise ManifestError("path-unknown", "only a build can tell which settings Maven is given")
    files = PathSet.of(*(join(call.cwd, path) for path in given), trees=[posixpath.join(d, ".mvn") for d in places])
    wrapper = PathSet.of(join(call.cwd, call.program)) if "/" in call.program else PathSet()
    effects = tool_effects(call, caches=_CACHES, settings=(".m2", ".mavenrc"))
    return effects | Effects(reads=files | wrapper, doubts=(_UNPROVEN,)) | _local_repository(call, line)


def _local_repository(call: Call, line: MavenLine) -> Effects:
    """``-Dmaven.repo.local``, or ``localRepository`` of settings that come from the context."""
    given = line.properties.get("maven.repo.local") or re.findall(
        r"-Dmaven\.repo\.local=(\S+)", call.env.get("MAVEN_OPTS", "")
    )
    places = [given] if isinstance(given, str) else list(given)
    named = [join(call.cwd, path) for path in line.values("settings")] or at_home(call, ".m2/settings.xml")
    for path in named:
        entry = call.view.find(path)
        if entry is not None and entry.context_path is not None:
            places += filter(None, [text_of(read_xml(call.view, path, "settings of maven"), "localRepository")])
    places = [re.sub(r"^\$\{user\.home\}", call.home, place) for place in places]
    if not all(is_known(place) and "${" not in place for place in places):
        raise ManifestError("path-unknown", "only a build can tell where Maven keeps its local repository")
    trees = [join(call.cwd, place) for place in places]
    written = PathSet.of(trees=trees)
    return Effects(reads=written, writes=written, outputs=tuple(Output(tree, rebuilt=False) for tree in trees))


def _project(call: Call, line: MavenLine, reactor: Reactor, root: str) -> Effects:
    tops = [posixpath.join(d, ".mvn") for d in ancestors(root)]
    evidence = tuple(f"{pom.path}: read by maven" for pom in reactor.poms)
    doubts = ("modules that depend on one another may not resolve before they are built",) * reactor.needs_itself
    return Effects(reads=reactor.reads | PathSet.of(trees=tops), evidence=evidence, doubts=doubts)


def _copied_jars(line: MavenLine, reactor: Reactor) -> Effects:
    place = line.properties.get("outputDirectory", "target/dependency")
    if not is_known(place) or "${" in place:
        raise ManifestError("path-unknown", "only a build can tell where Maven copies the dependencies")
    return Effects(outputs=tuple(Output(join(pom.directory, place), rebuilt=False) for pom in reactor.poms))


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """``dependency:go-offline`` with the options that choose poms, profiles and versions."""
    try:
        line = _line(call)
        if not _can_prefetch(line):
            return None
        reactor = load_reactor(call.view, _root_pom(call, line))
    except ManifestError:
        return None
    if reactor.needs_itself:
        return None
    words = parse_maven(call.args).kept
    if not all(map(is_known, words)):
        return None
    return Prefetch(
        why="go-offline fetches plug-ins and dependencies by the poms alone",
        argv=(call.program, *words, "dependency:go-offline"),
        leaves=PathSet.of(trees=at_home(call, *_CACHES)),
        doubts=(_UNPROVEN,),
        done_by=_done_by(call, words),
    )


def _can_prefetch(line: MavenLine) -> bool:
    if line.unknown or line.has("-o", "--offline", "-v", "--version", "-h", "--help"):
        return False
    goals = _PHASES.intersection(line.goals)
    return bool(goals - _CLEANING)


def _done_by(call: Call, words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    starts = (words, (), ("-B",), ("-q",), ("--batch-mode",), ("-B", "-q"), ("-q", "-B"), ("-ntp",))
    goals = ("dependency:go-offline", "dependency:resolve", "dependency:resolve-plugins")
    return tuple((call.argv[0], *start, goal) for start in dict.fromkeys(starts) for goal in goals)
