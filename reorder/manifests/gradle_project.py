"""The scripts of a Gradle build, as far as their text tells: which projects there are, and which files they name.

Scripts are programs and may read anything; what is found here is what they spell out. Nothing built on it is safe.
https://docs.gradle.org/current/userguide/multi_project_builds.html, .../build_environment.html
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from reorder.context.model import Kind
from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.toolchains import string_literals, without_comments

_SETTINGS = ("settings.gradle", "settings.gradle.kts")
_BUILDS = ("build.gradle", "build.gradle.kts")
_BESIDE = ("gradle.properties", "gradle.lockfile", "buildscript-gradle.lockfile", "settings-gradle.lockfile",
           "local.properties")  # fmt: skip
_INCLUDE = re.compile(r"\binclude\b[ \t]*(\([^)]*\)|(?:[ \t]*['\"][^'\"\n]*['\"][ \t]*,?\s*)+|[^\n]*)")
_INCLUDED_BUILD = re.compile(r"\b(?:includeBuild|pluginManagement\s*\{\s*includeBuild)\b[ \t]*\(?([^\n)]*)")
_PROJECT_DIR = re.compile(r"project\(\s*['\"]([^'\"]+)['\"]\s*\)\.projectDir\s*=\s*([^\n]*)")
_APPLY = re.compile(r"\bapply\s*\(?\s*from\s*[:=]\s*([^\n)]*)|\bfrom\s*=\s*([^\n]*)")
_FILE = re.compile(r"\b(?:file|files|File|fileTree|FileInputStream|fileContents)\s*\(([^)\n]*)")
_PROCESS = re.compile(r"\.execute\(\)|\bexec\s*\{|providers\.exec|ProcessBuilder|Runtime\.getRuntime")
_ROOTS = ("$rootDir", "${rootDir}", "$rootProject.projectDir", "${rootProject.projectDir}")
_HERES = ("$projectDir", "${projectDir}", "${project.projectDir}")


class GradleBuild(NamedTuple):
    """``scripts`` are the files that are there, ``reads`` also the places of absent ones and what scripts name."""

    scripts: tuple[str, ...]
    reads: PathSet
    doubts: tuple[str, ...]
    build_sources: tuple[str, ...]


def load_gradle(files: Files, root: str) -> GradleBuild:
    """Follow the build whose root project lies in ``root``; raises `ManifestError`."""
    scripts: list[str] = []
    trees = [posixpath.join(root, "gradle"), posixpath.join(root, "buildSrc")]
    folders = {root: None}
    text = _settings_text(files, root)
    folders |= dict.fromkeys(_projects(text, root))
    for words in _INCLUDED_BUILD.findall(text):
        trees += [join(root, literal) for literal in _only_literals(words, "includes another build")]
    looked_for = [posixpath.join(root, name) for name in (*_SETTINGS, "gradlew", "gradlew.bat")]
    for folder in folders:
        names = (*_BUILDS, f"{posixpath.basename(folder)}.gradle", f"{posixpath.basename(folder)}.gradle.kts")
        looked_for += [posixpath.join(folder, name) for name in (*names, *_BESIDE)]
    found = PathSet.of(*looked_for, trees=trees)
    doubts: list[str] = []
    waiting = [path for path in looked_for if path.endswith((".gradle", ".kts"))]
    while waiting:
        path = waiting.pop(0)
        if path in scripts or files.find(path) is None:
            continue
        scripts.append(path)
        script = without_comments(read_manifest(files, path, "read by gradle").decode("utf-8", "replace"))
        found |= _named_files(files, script, path, root)
        applied = _applied(script, path, root)
        found |= PathSet.of(*applied)
        waiting += applied
        if _PROCESS.search(script):
            doubts.append(f"{path} starts programs, which may read any file")
    if not scripts:
        raise ManifestError("manifest-not-found", f"{root} has no build script that is copied from the build context")
    sources = [tree for tree in trees[1:] if files.find(tree) is not None]
    return GradleBuild(tuple(scripts), found, tuple(doubts), tuple(sources))


def _settings_text(files: Files, root: str) -> str:
    for name in _SETTINGS:
        path = posixpath.join(root, name)
        if files.find(path) is not None:
            return without_comments(read_manifest(files, path, "read by gradle").decode("utf-8", "replace"))
    return ""


def _projects(text: str, root: str) -> list[str]:
    """The folders of included projects: ``include 'a:b'`` means ``a`` and ``a/b``."""
    found: list[str] = []
    moved = dict(_PROJECT_DIR.findall(text))
    for words in _INCLUDE.findall(text):
        for literal in _only_literals(words, "includes projects"):
            parts = literal.strip(":").split(":")
            found += [join(root, "/".join(parts[:depth])) for depth in range(1, len(parts) + 1)]
    for name, words in moved.items():
        literals = string_literals(words)
        if len(literals) != 1:
            raise ManifestError("manifest-not-understood", f"only Gradle can tell where the project {name} lies")
        found.append(join(root, _expanded(literals[0], root, root)))
    return found


def _only_literals(words: str, what: str) -> tuple[str, ...]:
    """The strings in a list of arguments that holds nothing else; raises `ManifestError` otherwise."""
    literals = string_literals(words)
    rest = re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", "", words).strip("()[]{}, \t\r\n;")
    if rest or not literals or any("$" in literal for literal in literals):
        raise ManifestError("manifest-not-understood", f"a Gradle settings script {what} by a program: {words[:40]}")
    return literals


def _expanded(literal: str, here: str, root: str) -> str:
    for name in _ROOTS:
        literal = literal.replace(name, root)
    for name in _HERES:
        literal = literal.replace(name, here)
    return literal


def _applied(script: str, path: str, root: str) -> list[str]:
    """Scripts that are applied by path."""
    found = []
    for pair in _APPLY.findall(script):
        for literal in string_literals("".join(pair))[:1]:
            place = _expanded(literal, posixpath.dirname(path), root)
            if "$" in place:
                raise ManifestError("manifest-not-understood", f"{path} applies {literal}, which only Gradle can tell")
            if "://" not in place and place.endswith((".gradle", ".kts")):
                found.append(join(posixpath.dirname(path), place))
    return found


def _named_files(files: Files, script: str, path: str, root: str) -> PathSet:
    """Files that the script names, and folders that it takes jars from; folders of sources are not read yet."""
    found = PathSet()
    for words in _FILE.findall(script):
        for literal in string_literals(words):
            for base in (posixpath.dirname(path), root):
                place = join(base, _expanded(literal, posixpath.dirname(path), root))
                entry = files.find(place) if "$" not in place else None
                if entry is not None and entry.kind is Kind.FILE:
                    found |= PathSet.of(place)
                elif entry is not None and posixpath.basename(place) in ("lib", "libs"):
                    found |= PathSet.of(trees=[place])
    return found
