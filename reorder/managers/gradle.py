"""Gradle: what resolves dependencies without a build, by ``gradle`` or by the project's own wrapper ``gradlew``.

Build scripts are programs that may read any file, and they were not run here, so that nothing is safe.
https://docs.gradle.org/current/userguide/command_line_interface.html,
https://docs.gradle.org/current/userguide/gradle_wrapper.html
"""

from __future__ import annotations

import posixpath

from reorder.effects import Effects, Output, PathSet, Role, Safety, ancestors, join
from reorder.manager import Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError
from reorder.manifests.gradle_project import load_gradle
from reorder.manifests.toolchains import refusal, shown_call, tool_effects

manager = Manager(
    __name__,
    ecosystem="Java",
    tools=("gradle", "gradlew"),
    wrappers=("gradlew",),
    role=Role.INSTALL,
    rules=(
        Rule("gradle dependencies", "moves", Safety.UNSAFE, "documented",
             "it reads settings and build scripts, which are programs"),
        Rule("gradlew --version", "moves", Safety.UNSAFE, "documented", "it fetches the Gradle that the wrapper names"),
        Rule("gradle build, assemble, bootJar, installDist, …", "advice", None, "",
             "Gradle resolves as it goes: run `gradle dependencies` above the copy, if the scripts need no sources"),
        Rule("gradle test, run, …", "stays", None, "", "tasks run code of the project"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --no-daemon --daemon --stacktrace -s --full-stacktrace -S --info -i --debug -d --quiet -q --warn -w --offline
    --refresh-dependencies --parallel --no-parallel --build-cache --no-build-cache --configure-on-demand
    --no-configure-on-demand --continue --scan --no-scan --version -v -V --show-version --help -h --rerun-tasks
    --no-watch-fs --watch-fs --dry-run -m --configuration-cache --no-configuration-cache --write-locks --no-rebuild -a
    """.split()
)
_VALUED = frozenset(
    """
    -p --project-dir -x --exclude-task -P --project-prop -D --system-prop --console --warning-mode --max-workers
    -g --gradle-user-home --priority --configuration --dependency-verification
    """.split()
)
_RESOLVING = frozenset(
    """
    dependencies buildEnvironment dependencyInsight resolveDependencies downloadDependencies androidDependencies
    projects properties tasks help
    """.split()
)
_BUILDING = frozenset(
    """
    build assemble bootJar bootWar shadowJar installDist distZip distTar jar war classes compileJava compileKotlin
    publishToMavenLocal install buildFatJar quarkusBuild nativeCompile assembleDist copyDependencies bootBuildImage
    installBootDist fatJar buildNeeded testClasses clean assembleRelease assembleDebug
    """.split()
)
_CUSTOM = frozenset(("resolveDependencies", "downloadDependencies", "androidDependencies"))
_UNPROVEN = "build scripts of Gradle are programs, and may read files that their text does not tell"


@manager
def analyze(call: Call) -> Effects:
    """Tasks that only resolve are followed; others build the project or run its code."""
    try:
        return _analyze(call, parse_options(call.args, valued=_VALUED, switches=_SWITCHES))
    except ManifestError as error:
        return refusal(error)


def _analyze(call: Call, options: Options) -> Effects:
    if options.unknown:
        raise ManifestError("unknown-option", f"{call.argv[0]} {options.unknown[0].replace(chr(0), '$…')} is not known")
    tasks = tuple(task.rpartition(":")[2] for task in options.positionals)
    if not options.switches.isdisjoint(("--version", "-v", "--help", "-h")):
        return _launch(call, options)
    if _BUILDING.intersection(tasks):
        what = f"{call.argv[0]} {' '.join(tasks[:3])} builds the project".replace("\0", "$…")
        raise ManifestError("install-builds-project", f"{what}; `{call.program} dependencies` may be run ahead of it")
    if not tasks or not _RESOLVING.issuperset(tasks):
        raise ManifestError("project-code", f"{shown_call(call)} runs tasks, which may read any file")
    build = load_gradle(call.view, _root(call, options))
    evidence = tuple(f"{path}: read by gradle" for path in build.scripts)
    doubts = (*build.doubts, *("a task of the project resolves dependencies",) * bool(_CUSTOM.intersection(tasks)))
    effects = Effects(reads=build.reads, outputs=_outputs(call, options, build.build_sources), evidence=evidence)
    return effects | Effects(doubts=(*doubts, _UNPROVEN)) | _launch(call, options)


def _root(call: Call, options: Options) -> str:
    """The root project: the nearest folder with a settings script, from the project's up."""
    chosen = [v for name in ("-p", "--project-dir") for v in options.values.get(name, ())]
    if not all(map(is_known, chosen)):
        raise ManifestError("working-directory-unknown", "only a build can tell Gradle's --project-dir")
    start = join(call.cwd, chosen[-1] if chosen else ".")
    for place in (start, *ancestors(start)):
        if any(call.view.find(posixpath.join(place, name)) for name in ("settings.gradle", "settings.gradle.kts")):
            return place
    return start


def _outputs(call: Call, options: Options, sources: tuple[str, ...]) -> tuple[Output, ...]:
    root = _root(call, options)
    made = [posixpath.join(root, ".gradle"), *(posixpath.join(s, n) for s in sources for n in (".gradle", "build"))]
    return tuple(Output(path, rebuilt=False) for path in made)


def _launch(call: Call, options: Options) -> Effects:
    """What starting Gradle reads: the wrapper, properties, and the user's folder."""
    homes = [v for name in ("-g", "--gradle-user-home") for v in options.values.get(name, ())]
    homes += [call.env["GRADLE_USER_HOME"]] if call.env.get("GRADLE_USER_HOME") else []
    if not all(map(is_known, homes)):
        raise ManifestError("path-unknown", "only a build can tell Gradle's user home")
    root = _root(call, options)
    properties = (posixpath.join(place, "gradle.properties") for place in dict.fromkeys((call.cwd, root)))
    files = PathSet.of(*properties, trees=[posixpath.join(root, "gradle/wrapper")])
    if "/" in call.program:
        script = join(call.cwd, call.program)
        files |= PathSet.of(script, trees=[posixpath.join(posixpath.dirname(script), "gradle/wrapper")])
    user = PathSet.of(trees=[join(call.cwd, place) for place in homes])
    outputs = tuple(Output(path, rebuilt=False) for path in user.trees)
    effects = tool_effects(call, caches=(".gradle", ".m2", ".kotlin", ".konan"))
    doubts = ("the Gradle wrapper was not run on a real build",)
    return effects | Effects(reads=files | user, writes=user, outputs=outputs, doubts=doubts)
