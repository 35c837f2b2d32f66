"""What the corpus says, shown on a real Docker engine: the image is the same, and the install stays cached.

Every case with `engine: true` is built once as it is and once as expected, then its source file is edited and both are
built again from the cache. A refusal is proved by building what a person would have written instead. Without
`DOCKERFILE_FIX_ENGINE=all` only the cases of `sample` are built, and of these only what the engine has the images for.
"""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from engine import builds
from engine.builds import RUN_ID, Build
from engine.images import Files, configuration, differing_paths, read_images
from engine.sample import SAMPLE
from rebuilds import Rebuild

from corpus import Case, CorpusError, case_names, context_files, lay_out, load_case
from reorder.dockerfile.parse import parse
from reorder.source import Source

SAVED_AT_ONCE = 40
"""Images in one archive: a shared base is sent once, and the engine lays the archive out on disk first."""

AT_ONCE = 3
"""Cases built at the same time: a build waits for a registry half of its time."""


def _find_cases() -> list[Case]:
    found = []
    for name in case_names():
        try:
            found.append(load_case(name))
        except CorpusError:
            continue  # test_corpus reports it
    return [case for case in found if case.is_for_engine]


RUNS_ALL = os.environ.get("DOCKERFILE_FIX_ENGINE") == "all"

CASES = _find_cases()
CHANGED = [case.name for case in CASES if case.expected is not None]
REFUSED = [case.name for case in CASES if case.tempting is not None]


def _why_not(case: Case) -> str | None:
    """Why the case is not built; None if it is."""
    if RUNS_ALL:
        return None
    if case.name not in SAMPLE:
        return "not in the sample: DOCKERFILE_FIX_ENGINE=all builds it, too"
    stages = parse(Source(case.dockerfile, case.text)).stages
    known = {"scratch", *(stage.name for stage in stages)}
    for image in sorted({stage.base for stage in stages} - known):
        if not builds.has_image(image):
            return f"the engine has no image {image}: pull or build it, or set DOCKERFILE_FIX_ENGINE=all"
    return None


pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]


@dataclass(slots=True)
class Pair:
    """A case's two versions, built from nothing and, if it is a repair, built again after an edit.

    The edit is of a file, or of the value of the case's argument.
    """

    case: Case
    context: Path
    before: Build
    after: Build
    edited: str
    twice: Build | None = None
    before_again: Build | None = None
    after_again: Build | None = None


@dataclass(slots=True)
class Workshop:
    """Builds images, and remembers what to take away."""

    root: Path
    tags: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    files: dict[str, Files] = field(default_factory=dict)

    def build(self, case: Case, context: Path, text: str, kind: str, *, use_cache: bool = False) -> Build:
        tag = f"dockerfile-fix-corpus:{RUN_ID}-{case.name}-{kind}"
        names = tuple(stage.name for stage in parse(Source(case.dockerfile, text)).stages)
        value = f"{'new' if kind.startswith('re') else 'old'}-{RUN_ID}"
        arguments = {case.argument: value} if case.argument else None
        done = builds.build(tag, context, text, stages=names, use_cache=use_cache, arguments=arguments)
        if done.error is None:
            self.tags.append(tag)
        return done

    def make_pair(self, case: Case) -> None:
        changed = case.expected if case.expected is not None else case.tempting
        assert changed is not None
        folder = self.root / case.name
        folder.mkdir()
        # without the Dockerfile, which would differ; and copied, since two `git init` would not give equal files
        before, after = lay_out(case, folder / "before"), folder / "after" / case.context_option
        (folder / "before" / case.dockerfile).unlink()
        shutil.copytree(folder / "before", folder / "after", symlinks=True)
        if case.expected_ignore is not None:
            (after / case.ignore_path).write_bytes(case.expected_ignore.encode("utf-8", "surrogateescape"))
        pair = Pair(
            case=case, context=before, edited=_edited_file(case, folder),
            before=self.build(case, before, case.text, "before"),
            # the steps above the patch are the same, and come from the cache: apt-get and its like run once
            after=self.build(case, after, changed, "after", use_cache=True),
        )  # fmt: skip
        self.pairs[case.name] = pair
        if case.expected is None and pair.before.error is None and pair.after.error is None:
            pair.twice = self.build(case, before, case.text, "twice")

    def build_again(self, pair: Pair) -> None:
        """After an edit, from the cache; no build without cache may run meanwhile, or the two share their steps."""
        case, before = pair.case, pair.context
        if case.expected is None or pair.before.error is not None or pair.after.error is not None:
            return
        after = self.root / case.name / "after" / case.context_option
        for context in (before, after):
            _edit(context, case, pair.edited)
        pair.before_again = self.build(case, before, case.text, "rebefore", use_cache=True)
        pair.after_again = self.build(case, after, case.expected, "reafter", use_cache=True)
        _undo_edit(before, case, pair.edited)

    def save(self, tags: list[str]) -> None:
        """Read the file systems of these images."""
        for start in range(0, len(tags), SAVED_AT_ONCE):
            self.files |= builds.read_saved(tags[start : start + SAVED_AT_ONCE], read_images)

    def fill(self, cases: list[Case]) -> None:
        """Build the cases and read their images; then all again from the cache."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.make_pair, cases))
            saving = pool.submit(self.save, list(self.tags))
            list(pool.map(self.build_again, self.pairs.values()))
            saving.result()


def _edited_file(case: Case, folder: Path) -> str:
    """The file of the context to edit: the one that the case names, else the first that spares an install."""
    if edit := case.meta.get("edit"):
        return edit
    if case.expected is None or case.argument:
        return ""
    before, after = Rebuild.before(case, folder / "git-before"), Rebuild.after(case, folder / "git-after")
    prefix = case.context_option
    for path in context_files(case):
        if path.startswith(prefix) and _spared(before, after, path.removeprefix(prefix).lstrip("/")):
            return path
    raise CorpusError(f"{case.name}: no file's edit spares an install")


def _spared(before: Rebuild, after: Rebuild, path: str) -> set[tuple[int, int]]:
    return (before.again(path) - after.again(path)) & before.installs()


def _again(rebuild: Rebuild, pair: Pair) -> set[tuple[int, int]]:
    """The RUNs that the simulator expects the second build to run again."""
    if pair.case.argument:
        return rebuild.again_with(pair.case.argument)
    return rebuild.again(posixpath.relpath(pair.edited, pair.case.context_option or "."))


def _edit(context: Path, case: Case, path: str) -> None:
    """Append a line that is a comment in most languages."""
    if not path:
        return
    slashes = (".js", ".ts", ".jsx", ".tsx", ".mjs", ".cjs", ".go", ".c", ".h", ".java", ".rs")
    mark = "// " if path.endswith(slashes) else "# "
    target = context / posixpath.relpath(path, case.context_option or ".")
    target.write_bytes(target.read_bytes() + f"\n{mark}edited {RUN_ID} {case.name}\n".encode())


def _undo_edit(context: Path, case: Case, path: str) -> None:
    if not path:
        return
    target = context / posixpath.relpath(path, case.context_option or ".")
    data = target.read_bytes()
    target.write_bytes(data[: data.rindex(b"\n", 0, data.rindex(RUN_ID.encode()))])


@pytest.fixture(scope="module")
def workshop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """All chosen cases, built; their images are read at once, since `docker save` sends a shared base only once."""
    if problem := builds.find_problem():
        pytest.skip(f"no engine: {problem}")
    chosen = {
        item.callspec.params["name"] for item in request.session.items
        if item.path == request.path and isinstance(item, pytest.Function)
    }  # fmt: skip
    workshop = Workshop(tmp_path_factory.mktemp("engine"))
    reasons = {case.name: _why_not(case) for case in CASES if case.name in chosen}
    workshop.left_out = {name: reason for name, reason in reasons.items() if reason is not None}
    try:
        workshop.fill([case for case in CASES if case.name in chosen - workshop.left_out.keys()])
        yield workshop
    finally:
        builds.remove(workshop.tags)


@pytest.fixture(autouse=True)
def _skip_what_is_not_built(name: str, workshop: Workshop) -> None:
    if reason := workshop.left_out.get(name):
        pytest.skip(reason)


def _differences(workshop: Workshop, pair: Pair) -> set[str]:
    """What differs beyond what two builds of the original differ in."""
    edited = frozenset([posixpath.basename(pair.case.ignore_path)] if pair.case.expected_ignore is not None else [])
    one, other = workshop.files[pair.before.tag], workshop.files[pair.after.tag]
    found = differing_paths(one, other, edited=edited)
    if not found:
        return found
    if pair.twice is None:
        pair.twice = workshop.build(pair.case, pair.context, pair.case.text, "twice")
        assert pair.twice.error is None, pair.twice.error
        workshop.save([pair.twice.tag])
    return found - differing_paths(one, workshop.files[pair.twice.tag])


@pytest.mark.parametrize("name", CHANGED)
def test_the_image_is_the_same(name: str, workshop: Workshop) -> None:
    pair = workshop.pairs[name]
    assert pair.before.error is None, pair.before.error
    assert pair.after.error is None, pair.after.error
    one, other = (configuration(builds.inspect(build.tag)) for build in (pair.before, pair.after))
    if pair.case.argument and pair.case.is_unsafe:  # an ENV that moved: the variables as a set (RULEBOOK D10)
        one["Env"], other["Env"] = sorted(one["Env"]), sorted(other["Env"])
    assert one == other
    differences = _differences(workshop, pair)
    old, new = workshop.files[pair.before.tag], workshop.files[pair.after.tag]
    assert not differences, [(path, old.get(path), new.get(path)) for path in sorted(differences)[:10]]


@pytest.mark.parametrize("name", CHANGED)
def test_an_edit_of_the_sources_spares_the_install(name: str, workshop: Workshop, tmp_path: Path) -> None:
    pair = workshop.pairs[name]
    assert pair.before_again is not None, "the case did not build"
    assert pair.after_again is not None
    assert (pair.before_again.error, pair.after_again.error) == (None, None)
    before, after = Rebuild.before(pair.case, tmp_path / "before"), Rebuild.after(pair.case, tmp_path / "after")
    spared = (_again(before, pair) - _again(after, pair)) & before.installs()
    assert spared, f"an edit of {pair.edited or pair.case.argument} should spare an install"
    assert all(pair.before_again.was_run[before.origins[run]] for run in spared), "cached before the repair, too"
    assert not any(pair.after_again.was_run[run] for run in spared), "still run after the repair"
    for rebuild, built in ((before, pair.before_again), (after, pair.after_again)):
        engine_ran = {run for run, origin in rebuild.origins.items() if built.was_run.get(origin)}
        assert engine_ran <= _again(rebuild, pair), "the simulator thought these were cached"


@pytest.mark.parametrize("name", REFUSED)
def test_the_tempting_patch_is_wrong(name: str, workshop: Workshop) -> None:
    pair = workshop.pairs[name]
    assert pair.before.error is None, pair.before.error
    if pair.after.error is not None:
        return
    one, other = (configuration(builds.inspect(build.tag)) for build in (pair.before, pair.after))
    assert one != other or _differences(workshop, pair), "the engine shows no difference: why refuse?"
