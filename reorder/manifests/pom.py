"""The project files of Maven: a pom, its parents by relative path, its modules, and the files that these name.

https://maven.apache.org/pom.html and https://maven.apache.org/ref/current/maven-model/maven.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from reorder.context.model import Kind
from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError
from reorder.manifests.xml_text import children, name_of, read_xml, text_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_REFERENCE = re.compile(r"\$\{([^}]*)\}")


class Pom(NamedTuple):
    """One project file.

    ``parent`` is the container path at which Maven looks for the parent (None: in repositories only), ``modules`` the
    words of all profiles, ``dependencies`` pairs of group and artifact, ``named`` the files and folders that it names.
    """

    path: str
    group: str
    artifact: str
    parent: str | None
    modules: tuple[str, ...]
    dependencies: tuple[tuple[str, str], ...]
    named: PathSet

    @property
    def directory(self) -> str:
        """The project's base directory."""
        return posixpath.dirname(self.path)


class Reactor(NamedTuple):
    """All poms that one call of Maven loads. ``reads`` are these, the places of absent ones, and what they name."""

    poms: tuple[Pom, ...]
    reads: PathSet

    @property
    def needs_itself(self) -> bool:
        """Whether a module depends on another one, which must be built before it can be resolved."""
        built = {(pom.group, pom.artifact) for pom in self.poms}
        return any(dependency in built for pom in self.poms for dependency in pom.dependencies)


def read_pom(files: Files, path: str) -> Pom:
    """Parse the pom at the container path ``path``; raises `ManifestError`."""
    root = read_xml(files, path, "read by maven")
    if name_of(root) != "project":
        raise ManifestError("manifest-not-understood", f"{path} is no project of maven")
    values = {name_of(each): (each.text or "").strip() for found in children(root, "properties") for each in found}
    group = text_of(root, "groupId") or text_of(root, "parent", "groupId") or ""
    directory = posixpath.dirname(path)
    own = {"project.groupId": group, "groupId": group, "pom.groupId": group}
    own["project.parent.groupId"] = text_of(root, "parent", "groupId") or ""
    own |= dict.fromkeys(("basedir", "project.basedir", "pom.basedir"), directory)
    values = {**values, **own}
    sections = (root, *children(root, "profiles", "profile"))
    return Pom(
        path=path, group=group, artifact=text_of(root, "artifactId") or "", parent=_parent(root, directory),
        modules=tuple(_resolve(m, values, path) for section in sections for m in _modules(section)),
        dependencies=tuple(_dependencies(root, values)), named=_named(root, sections, values, path),
    )  # fmt: skip


def _parent(root: Element, directory: str) -> str | None:
    """``relativePath``, which is ``../pom.xml`` unless given; empty: not looked for."""
    if next(children(root, "parent"), None) is None:
        return None
    relative = text_of(root, "parent", "relativePath")
    if relative == "":
        return None
    return join(directory, relative or "../pom.xml")


def _modules(section: Element) -> Iterator[str]:
    for names in (("modules", "module"), ("subprojects", "subproject")):
        yield from ((found.text or "").strip() for found in children(section, *names))


def _resolve(text: str, values: Mapping[str, str], path: str) -> str:
    """The text with its properties filled in, as far as this pom tells; raises `ManifestError` otherwise."""
    for _ in range(5):
        text = _REFERENCE.sub(lambda found: values.get(found[1], found[0]), text)
    if _REFERENCE.search(text):
        raise ManifestError("manifest-not-understood", f"{path} names {text}, which this pom alone does not tell")
    return text


def _dependencies(root: Element, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for element in root.iter():
        if name_of(element) in ("dependency", "plugin", "extension"):
            group, artifact = text_of(element, "groupId") or "", text_of(element, "artifactId") or ""
            yield _REFERENCE.sub(lambda found: values.get(found[1], found[0]), group), artifact


def _named(root: Element, sections: tuple[Element, ...], values: Mapping[str, str], path: str) -> PathSet:
    """Jars by ``systemPath``, files that profiles look for, and repositories that are folders."""
    directory = posixpath.dirname(path)
    found = PathSet()
    for element in root.iter():
        if name_of(element) == "systemPath":
            jar = (element.text or "").strip()
            if not jar.startswith(("${java.home}", "${env.JAVA_HOME}")):
                found |= PathSet.of(join(directory, _resolve(jar, values, path)))
    for section in sections:
        for probe in ("exists", "missing"):
            for element in children(section, "activation", "file", probe):
                found |= PathSet.of(join(directory, _resolve((element.text or "").strip(), values, path)))
        for kind in (("repositories", "repository"), ("pluginRepositories", "pluginRepository")):
            for element in children(section, *kind):
                url = text_of(element, "url") or ""
                if url.startswith("file:") or "basedir" in url or "multiModuleProjectDirectory" in url:
                    place = re.sub(r"^file:/*(?=/|\$\{)", "", _resolve(url, values, path)).removeprefix("file:")
                    found |= PathSet.of(trees=[join(directory, place)])
    return found


def load_reactor(files: Files, path: str) -> Reactor:
    """Follow parents and modules from the pom at ``path``; raises `ManifestError`.

    Every module's pom must be there, whatever ``--projects`` says. An absent parent is taken from a repository.
    """
    poms: dict[str, Pom] = {}
    reads = PathSet()
    waiting = [path]
    while waiting:
        place = waiting.pop(0)
        if place in poms:
            continue
        pom = read_pom(files, place)
        poms[place] = pom
        reads |= PathSet.of(place) | pom.named
        waiting += [_pom_of(files, join(pom.directory, module)) for module in pom.modules]
        if pom.parent is not None:
            parent = _pom_of(files, pom.parent)
            reads |= PathSet.of(pom.parent, parent)
            entry = files.find(parent)
            if entry is not None and entry.kind is Kind.FILE:
                waiting.append(parent)
    return Reactor(tuple(poms.values()), reads)


def _pom_of(files: Files, path: str) -> str:
    """A module or parent may be named by its folder, or by its file."""
    entry = files.find(path)
    is_file = entry.kind is not Kind.DIRECTORY if entry else path.endswith(".xml")
    return path if is_file else posixpath.join(path, "pom.xml")
