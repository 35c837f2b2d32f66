"""The project files of .NET: projects, solutions, what they import and refer to, as far as a restore follows them.

https://learn.microsoft.com/dotnet/core/tools/dotnet-restore,
https://learn.microsoft.com/visualstudio/msbuild/customize-by-directory and .../msbuild/import-element-msbuild
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from reorder.effects import PathSet, ancestors, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.xml_text import attribute, name_of, read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PROJECT_ENDINGS = ("proj",)
SOLUTION_ENDINGS = (".sln", ".slnx", ".slnf")
_SHARED = ("Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Directory.Build.rsp",
           "global.json")  # fmt: skip
_SOLUTION_SHARED = ("Directory.Solution.props", "Directory.Solution.targets")
_SYSTEM_PLACES = (
    "MSBuildExtensionsPath MSBuildExtensionsPath32 MSBuildExtensionsPath64 MSBuildToolsPath MSBuildBinPath"
    " MSBuildSDKsPath NuGetPackageRoot VSToolsPath VCTargetsPath MSBuildProjectExtensionsPath UserRootDir"
    " BaseIntermediateOutputPath LanguageTargets CustomBeforeMicrosoftCommonProps PkgMicrosoft"
).split()
"""Properties that lead out of the project: to the SDK, to restored packages, or to what a restore itself makes."""

_MOVING = frozenset(
    """
    BaseIntermediateOutputPath IntermediateOutputPath MSBuildProjectExtensionsPath RestoreOutputPath ArtifactsPath
    RestorePackagesPath NuGetLockFilePath RestoreConfigFile
    """.split()
)
_RESTORE_HOOK = re.compile(r"\b(?:_?GenerateRestore\w*|_?CollectPackage\w*|Restore|_?FilterRestore\w*)\b")
_SOLUTION_LINE = re.compile(r'^Project\("\{[^}]*\}"\)\s*=\s*"[^"]*",\s*"([^"]*)"', re.MULTILINE)


class Closure(NamedTuple):
    """What a restore follows. ``projects`` are those that are there, ``reads`` also the places of absent files.

    ``doubts``: what in them a restore may follow further than this module does.
    """

    projects: tuple[str, ...]
    reads: PathSet
    doubts: tuple[str, ...]
    artifacts: tuple[str, ...]


def load_closure(files: Files, roots: tuple[str, ...], cwd: str) -> Closure:
    """Follow solutions, project references and imports from ``roots``; raises `ManifestError`."""
    walk = _Walk(files)
    walk.waiting = list(roots)
    walk.add(*(posixpath.join(d, "global.json") for d in (cwd, *ancestors(cwd))))
    while walk.waiting:
        path = walk.waiting.pop(0)
        if path not in walk.seen:
            walk.seen.add(path)
            walk.follow(path)
    return Closure(
        tuple(walk.projects), PathSet.of(*walk.reads), tuple(dict.fromkeys(walk.doubts)), tuple(walk.artifacts)
    )


class _Walk:
    """The state of following files; ``waiting`` are those still to be read."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.waiting: list[str] = []
        self.seen: set[str] = set()
        self.projects: list[str] = []
        self.reads: list[str] = []
        self.doubts: list[str] = []
        self.artifacts: list[str] = []

    def add(self, *paths: str) -> None:
        """Files that are read, or looked for."""
        self.reads += paths

    def follow(self, path: str) -> None:
        """Read one solution, project, or imported file."""
        self.add(path)
        if path.endswith(SOLUTION_ENDINGS):
            self._follow_solution(path)
            return
        if path.endswith(PROJECT_ENDINGS):
            self.projects.append(path)
            directory = posixpath.dirname(path)
            self.add(f"{path}.user", posixpath.join(directory, "packages.lock.json"))
            self._look_upward(directory, _SHARED)
        self._follow_elements(path, read_xml(self.files, path, "read by dotnet"))

    def _look_upward(self, directory: str, names: tuple[str, ...]) -> None:
        for place in (directory, *ancestors(directory)):
            for name in names:
                found = posixpath.join(place, name)
                self.add(found)
                if self.files.find(found) is not None and not name.endswith((".json", ".rsp")):
                    self.waiting.append(found)

    def _follow_solution(self, path: str) -> None:
        directory, name = posixpath.split(path)
        self._look_upward(directory, _SOLUTION_SHARED)
        self.add(*(posixpath.join(directory, f"{side}.{name}.targets") for side in ("before", "after")))
        for member in _solution_members(self.files, path):
            found = join(directory, _slashed(member))
            if found.endswith((*PROJECT_ENDINGS, *SOLUTION_ENDINGS)):  # the others are folders of the solution
                self.add(found)
                self.waiting += [found] if self.files.find(found) is not None else []

    def _follow_elements(self, path: str, root: Element) -> None:
        for element in root.iter():
            name = name_of(element)
            self._follow_condition(path, element.get("Condition") or "")
            if name == "ProjectReference":
                for item in (attribute(element, "Include") or "").split(";"):
                    self._follow_reference(path, item.strip())
            elif name == "Import":
                self._follow_import(path, element)
            elif name == "Target":
                _check_target(path, element)
            elif name in _MOVING and (element.text or "").strip():
                raise ManifestError("manifest-not-understood", f"{path} sets {name}, which moves what a restore makes")
            elif name == "UseArtifactsOutput" and (element.text or "").strip().lower() == "true":
                self.artifacts.append(posixpath.join(posixpath.dirname(path), "artifacts"))
            elif "System.IO" in (element.text or ""):
                self._follow_file_function(path, element.text or "")

    def _follow_reference(self, path: str, item: str) -> None:
        place = _place(path, item)
        if place is None or "*" in item or "@(" in item:
            raise ManifestError("manifest-not-understood", f"{path} refers to {item}, which only MSBuild can tell")
        self.add(place)
        if item and self.files.find(place) is not None:
            self.waiting.append(place)

    def _follow_import(self, path: str, element: Element) -> None:
        wanted = (attribute(element, "Project") or "").strip()
        if attribute(element, "Sdk"):
            return
        if above := re.search(r"GetPathOfFileAbove\(\s*'?([^',)]+)'?", wanted):
            self._look_upward(posixpath.dirname(path), (above[1].strip(),))
        elif above := re.search(r"GetDirectoryNameOfFileAbove\([^,]*,\s*'?([^',)]+)'?\)+[\\/]*(.*)$", wanted):
            self._look_upward(posixpath.dirname(path), (_slashed(above[2]) or above[1].strip(), above[1].strip()))
        elif not _leads_away(wanted):
            place = _place(path, wanted)
            if place is None or "*" in wanted:
                raise ManifestError("manifest-not-understood", f"{path} imports {wanted}, which only MSBuild can tell")
            self.add(place)
            if self.files.find(place) is not None:
                self.waiting.append(place)

    def _follow_condition(self, path: str, condition: str) -> None:
        for found in re.findall(r"(?i)exists\(\s*'([^']*)'\s*\)", condition):
            place = None if _leads_away(found) else _place(path, found)
            if place is not None:
                self.add(place)
            elif not _leads_away(found):
                self.doubts.append(f"{path} asks whether {found} exists, which only MSBuild can tell")

    def _follow_file_function(self, path: str, text: str) -> None:
        for inner in re.findall(r"System\.IO\.(?:File|Path|Directory)\]::\w+\(([^)]*\)?[^)]*)\)", text):
            literal = inner.strip().strip("'\"`")
            place = _place(path, literal)
            if place is None:
                raise ManifestError("manifest-not-understood", f"{path} reads {literal}, which only MSBuild can tell")
            self.add(place)


def _leads_away(text: str) -> bool:
    return any(f"$({name}" in text for name in _SYSTEM_PLACES)


def _place(path: str, text: str) -> str | None:
    """The container path that a word of the file ``path`` means; None if properties decide it.

    Of the properties, those that name the file's own folder are known. In a shared file the project's folder is not.
    """
    directory = posixpath.dirname(path)
    known = ["MSBuildThisFileDirectory"]
    if path.endswith(PROJECT_ENDINGS):
        known += ["MSBuildProjectDirectory", "ProjectDir"]
    for name in known:
        text = text.replace(f"$({name})", directory + "/")
    if "$(" in text or "%(" in text:
        return None
    return join(directory, _slashed(text))


def _slashed(text: str) -> str:
    return text.replace("\\", "/")


def _check_target(path: str, element: Element) -> None:
    """A target that hooks into the restore runs whatever it says."""
    hooks = " ".join(filter(None, (attribute(element, n) for n in ("BeforeTargets", "AfterTargets", "Name"))))
    if _RESTORE_HOOK.search(hooks):
        raise ManifestError("install-runs-project-code", f"{path} has a target that runs in the restore ({hooks})")


def _solution_members(files: Files, path: str) -> Iterator[str]:
    if path.endswith(".slnx"):
        root = read_xml(files, path, "read by dotnet")
        yield from (element.get("Path") or "" for element in root.iter() if name_of(element) == "Project")
        return
    text = read_manifest(files, path, "read by dotnet").decode("utf-8-sig", "replace")
    if path.endswith(".sln"):
        yield from _SOLUTION_LINE.findall(text)
        return
    yield from _filter_members(text, path)


def _filter_members(text: str, path: str) -> Iterator[str]:
    """A .slnf: a solution, and paths of projects as seen from it."""
    try:
        solution = json.loads(text)["solution"]
        target, projects = str(solution["path"]), [str(each) for each in solution["projects"]]
    except (ValueError, TypeError, KeyError) as error:
        raise ManifestError("manifest-not-understood", f"{path} is no solution filter: {error}") from None
    yield target
    base = posixpath.dirname(_slashed(target))
    yield from (posixpath.join(base, _slashed(each)) for each in projects)
