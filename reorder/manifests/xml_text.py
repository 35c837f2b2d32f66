"""Reads the XML of a manifest, which may be hostile: no entities, no external files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reorder.manifests.files import Files, ManifestError, read_manifest

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def read_xml(files: Files, path: str, asked_by: str) -> Element:
    """The root of the XML file at the container path ``path``; raises `ManifestError`."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    data = read_manifest(files, path, asked_by)
    try:
        root: Element = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{path} is not understood: {error}") from None
    return root


def name_of(element: Element) -> str:
    """The element's name without its namespace; empty for comments."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """The elements that lie at this path of names, one level a name."""
    if element is None:
        return
    for child in element:
        if name_of(child) == names[0]:
            if len(names) == 1:
                yield child
            else:
                yield from children(child, *names[1:])


def text_of(element: Element | None, *names: str) -> str | None:
    """The text of the first element at this path, without blanks around it; None if there is no such element."""
    found = next(children(element, *names), None)
    return None if found is None else (found.text or "").strip()


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its name in any case, as NuGet and MSBuild read it."""
    return next((value for key, value in element.attrib.items() if key.lower() == name.lower()), None)
