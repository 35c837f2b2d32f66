"""What the scripts of a project and of its dependencies read and write during an install."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reorder.context.model import Kind
from reorder.effects import Effects, Output, PathSet, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manifests import node_vetted
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.node_project import Project
from reorder.manifests.node_scripts import Needs, judge_script, project_code_error
from reorder.manifests.package_json import Package, ProjectFiles, is_from_context, parents

NPM_EVENTS = (
    "preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies",
    "pnpm:devPreinstall",
)  # fmt: skip
"""What an install without names runs (RULEBOOK C1; npm's documentation, Life Cycle Operation Order)."""

BERRY_EVENTS = ("preinstall", "install", "postinstall")
"""What yarn 2 and later run for the project's own packages."""

_PRISMA_CONFIGS = tuple(
    f"{stem}.{suffix}"
    for stem in ("prisma.config", ".config/prisma")
    for suffix in ("ts", "mts", "cts", "js", "mjs", "cjs")
)
_PRISMA_SCHEMAS = ("prisma/schema.prisma", "schema.prisma", "prisma/schema")
_GENERATOR = lazy_pattern(r"^\s*generator\s+\w+\s*\{([^}]*)\}", re.MULTILINE)
_SETTING = lazy_pattern(r"^\s*(provider|output)\s*=\s*(.+?)\s*$", re.MULTILINE)


_ALPINE_NODE = lazy_pattern(r"(docker\.io/)?(library/)?node:[\w.]*-?alpine[\w.]*")


class Image(NamedTuple):
    """Where the install runs: the variables, the image at the root of the stage, and whether that is all there is."""

    env: Mapping[str, str]
    base: str
    is_bare: bool = False

    @property
    def may_lack_git(self) -> bool:
        """Whether the image comes without git, unless a step installs it (the slim and Alpine images, and bun's)."""
        return "slim" in self.base or "alpine" in self.base or "oven/bun" in self.base

    @property
    def lacks_git(self) -> bool:
        """Whether there is no git for sure: Alpine's Node.js image as it comes (docker-library/node installs none)."""
        return self.is_bare and bool(_ALPINE_NODE.fullmatch(self.base))


def script_effects(
    packages: Iterable[Package], files: ProjectFiles, *, events: tuple[str, ...], image: Image
) -> Effects:
    """What the lifecycle scripts of ``packages`` do; raises `ManifestError` for one that may do harm."""
    effects = Effects()
    for package in packages:
        needs = Needs()
        scripts = package.scripts
        for event in events:
            text = scripts.get(event)
            if text is None:
                continue
            bad = judge_script(text, directory=package.directory, scripts=scripts, needs=needs)
            if bad is not None:
                raise project_code_error(event, text, package.path)
            effects |= Effects(evidence=(f'{package.path}: {event} "{text}" is followed',))
        effects |= _resolve(needs, package, files, image)
    return effects


def _resolve(needs: Needs, package: Package, files: ProjectFiles, image: Image) -> Effects:
    effects = Effects(reads=needs.reads | PathSet.of(trees=needs.patches))
    for tool in dict.fromkeys(needs.hooks):
        effects |= hook_effects(package.directory, files, tool=tool, image=image)
    for schema in needs.prisma_schemas:
        effects |= prisma_effects(package, files, schema)
    return effects


def hook_effects(directory: str, files: ProjectFiles, *, tool: str, image: Image) -> Effects:
    """A tool that installs git hooks does nothing without a repository or git; raises `ManifestError` otherwise."""
    if tool == "husky" and (image.env.get("HUSKY") == "0" or image.lacks_git):
        return Effects()
    probes = [posixpath.join(d, ".git") for d in (directory, *parents(directory))]
    found = next((path for path in probes if is_from_context(files, path)), None)
    if found is None:
        return Effects(reads=PathSet.of(*probes))
    why = f"{tool} sets up hooks in {found}, which a later copy would overwrite; list .git in .dockerignore"
    if not image.may_lack_git:
        raise ManifestError("install-writes-git-hooks", why)
    return Effects(doubts=(f"if git is installed, {why}",))


def prisma_effects(package: Package, files: ProjectFiles, schema: str | None) -> Effects:
    """``prisma generate``: its schema, and where the client goes (https://www.prisma.io/docs/orm/reference/prisma-cli-reference)."""
    directory = package.directory
    for name in _PRISMA_CONFIGS:
        if is_from_context(files, posixpath.join(directory, name)):
            raise ManifestError("install-runs-project-code", f"{name} is code that prisma generate runs")
    configured = package.mapping("prisma").get("schema")
    chosen = schema or (join(directory, configured) if isinstance(configured, str) else None)
    places = [chosen] if chosen else [posixpath.join(directory, name) for name in _PRISMA_SCHEMAS]
    effects = Effects(
        reads=PathSet.of(
            *(posixpath.join(directory, name) for name in (".env", "prisma/.env", *_PRISMA_CONFIGS)), trees=places
        )
    )
    for place in places:
        for path in _schema_files(files, place):
            effects |= _generators(files, path)
    return effects


def _schema_files(files: ProjectFiles, place: str) -> Iterator[str]:
    entry = files.find(place)
    if entry is None:
        return
    if entry.kind is not Kind.DIRECTORY:
        yield place
        return
    for name in files.names(place):
        yield from _schema_files(files, posixpath.join(place, name))


def _generators(files: ProjectFiles, path: str) -> Effects:
    if not path.endswith(".prisma"):
        return Effects()
    text = read_manifest(files, path, "a Prisma schema").decode("utf-8", "replace")
    effects = Effects(evidence=(f"{path}: the schema of prisma generate",))
    for body in _GENERATOR.findall(text):
        settings = {name: value.partition("//")[0].strip() for name, value in _SETTING.findall(body)}
        if settings.get("provider") not in ('"prisma-client-js"', '"prisma-client"'):
            raise ManifestError(
                "install-runs-project-code", f"{path}: a generator {settings.get('provider')} runs code"
            )
        output = settings.get("output")
        if output is None:
            continue
        if not re.fullmatch(r'"[^"]*"', output):
            raise ManifestError("unknown-argument", f"{path}: only a build can tell where the client goes")
        target = join(posixpath.dirname(path), output[1:-1])
        if "/node_modules/" not in target:
            effects |= Effects(outputs=(Output(target, rebuilt=False),))
    return effects


def dependency_effects(
    names: Iterable[str], project: Project, files: ProjectFiles, *, image: Image, is_certain: bool
) -> Effects:
    """What the install scripts of dependencies read of the project; raises `ManifestError` for a known offender.

    ``is_certain``: the lock file says that these ``names`` have scripts; else only known offenders among them count.
    """
    effects = Effects()
    wanted = [name for name in dict.fromkeys(names) if is_certain or name in node_vetted.OFFENDERS]
    for name in sorted(wanted):
        effects |= _dependency(name, project, files, image)
    return effects


def _is_modern_husky(project: Project) -> bool:
    """Whether every range asks for husky 5 or later, whose package has no install script (read in the registry)."""
    ranges = [package.ranges()["husky"] for package in project.packages if "husky" in package.ranges()]
    majors = [re.match(r"[\^~>=v\s]*(\d+)", range_) for range_ in ranges]
    return bool(majors) and all(major is not None and int(major[1]) >= 5 for major in majors)


def _dependency(name: str, project: Project, files: ProjectFiles, image: Image) -> Effects:
    directory = project.root.directory
    probes = PathSet.of(*(posixpath.join(directory, probe) for probe in node_vetted.PROBES.get(name, ())))
    if name == "husky" and (_is_modern_husky(project) or image.env.get("HUSKY_SKIP_INSTALL") in ("1", "true")):
        return Effects()
    if name in node_vetted.HOOK_INSTALLERS:
        return hook_effects(directory, files, tool=name, image=image) | Effects(reads=probes)
    if name == "@prisma/client":
        return prisma_effects(project.root, files, None)
    if name == "msw":
        if project.root.mapping("msw").get("workerDirectory"):
            raise ManifestError("install-runs-project-code", "msw copies a file to where package.json says")
        return Effects()
    if name in node_vetted.CONFIGURED:
        places = [posixpath.join(package.directory, node_vetted.CONFIGURED[name]) for package in project.packages]
        if any(is_from_context(files, path) for path in places):
            raise ManifestError("install-runs-project-code", f"the install script of {name} works on the whole project")
        return Effects(reads=PathSet.of(*places))
    if (reason := node_vetted.reason_vetted(name)) is not None:
        return Effects(reads=probes, evidence=(f"{name} has an install script: {reason}",))
    return Effects(doubts=(f"the install script of {name} is not known, and may read the project",))
