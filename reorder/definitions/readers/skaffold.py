"""skaffold.yaml: the artifacts that Docker or kaniko builds.

skaffold.dev/docs/references/yaml: the context is relative to the file and its folder by default, the Dockerfile is
relative to the context.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.kind import Found, Place, define, folder_of
from reorder.definitions.kinds.skaffold import KIND
from reorder.definitions.repository import Repository
from reorder.definitions.values import Table, Text, pairs
from reorder.definitions.yaml_files import read_yaml_stream
from reorder.manager import UNKNOWN

_BUILDERS = ("docker", "kaniko")
_OTHERS = frozenset(("bazel", "jib", "buildpacks", "custom", "ko"))


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The artifacts of every document, and of its profiles, with what their patches make of them."""
    place = Place(repository, path, 1, KIND.name, folder_of(path))
    for document in read_yaml_stream(repository.read(path), path):
        if isinstance(document, Table):
            for part in (document, *document.items_at("profiles").tables()):
                for artifact in (*_artifacts(part), *_patched(part, _artifacts(document))):
                    yield from _artifact(artifact, place._replace(line=artifact.line))


def _artifacts(part: Table) -> list[Table]:
    return part.table("build").items_at("artifacts").tables()


def _patched(profile: Table, artifacts: list[Table]) -> Iterator[Table]:
    """Artifacts that a profile adds or changes: JSON patches, each taken alone."""
    for patch in profile.items_at("patches").tables():
        _, _, path = (patch.text("path") or "").partition("/build/artifacts/")
        number, _, rest = path.partition("/")
        value, line = patch.get("value"), patch.line_of("value")
        if isinstance(value, Table) and not rest and patch.text("op") != "remove":
            yield value
        elif rest and number.isdigit() and int(number) < len(artifacts) and isinstance(value, Text):
            yield _with(artifacts[int(number)], rest.split("/"), value, line)


def _with(table: Table, way: list[str], value: Text, line: int) -> Table:
    """A copy of the table with ``value`` at the end of the way, and its line as that of the table."""
    key, *more = way
    new = _with(table.table(key), more, value, line) if more else value
    return Table({**table, key: new}, line, table.lines)


def _artifact(artifact: Table, place: Place) -> Iterator[Found]:
    if artifact.keys() & _OTHERS:
        return
    builder = next((artifact.table(name) for name in _BUILDERS if name in artifact), Table({}, place.line, {}))
    context = artifact.text("context")
    args = {name: value and _plain(value) for name, value in pairs(builder.get("buildArgs")).items()}
    target = builder.text("target")
    yield define(
        place, "." if context is None else _plain(context), _plain(builder.text("dockerfile") or Text("Dockerfile", 0)),
        target=target, args=args, is_beside=True,
    )  # fmt: skip


def _plain(text: str) -> str:
    """A template of Go is for a run to fill in."""
    return UNKNOWN if "{{" in text else text
