"""fly.toml: what ``fly deploy`` builds in the folder of the file.

fly.io/docs/reference/configuration, “The build section”, and fly.io/docs/reference/monorepo: the Dockerfile is relative
to the file, the context is the folder that is deployed: the file's own, or the root where only that has what is copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from reorder.definitions.error import DefinitionError
from reorder.definitions.kind import Found, Place, define, folder_of
from reorder.definitions.kinds.fly import KIND
from reorder.definitions.likely import finds_its_files
from reorder.definitions.model import Definition
from reorder.definitions.repository import ROOT, Repository


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The one build of the file; without a ``[build]`` section, that of a Dockerfile beside it, if there is one."""
    import tomllib

    text = repository.read(path)
    try:
        build: Any = tomllib.loads(text).get("build", {})
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        raise DefinitionError(f"broken TOML: {error}", int(found[1]) if found else 1, is_warning=True) from None
    if not isinstance(build, dict) or build.keys() & {"image", "builder", "buildpacks", "builtin"}:
        return
    file, target = build.get("dockerfile"), build.get("build-target")
    if file is None and not repository.is_file(f"{folder_of(path)}/Dockerfile".lstrip("/")):
        return
    line = next((n for n, row in enumerate(text.splitlines(), 1) if re.match(r"\s*(?:dockerfile\b|\[build)", row)), 1)
    args = build.get("args")
    ways = [
        define(
            Place(repository, path, line, KIND.name, folder_of(path)), context, str(file or "Dockerfile"),
            target=str(target) if target is not None else None,
            args={name: str(value) for name, value in args.items()} if isinstance(args, dict) else {},
        )
        for context in (".", ROOT)
    ]  # fmt: skip
    fitting = (w for w in ways if isinstance(w, Definition) and finds_its_files(repository, w.dockerfile, w.context))
    yield next(fitting, ways[0])
