"""The command lines that build images: ``docker build``, ``podman build``, ``docker compose``, ``docker buildx bake``.

Options as in docs.docker.com/reference/cli/docker/buildx/build, docs.podman.io (podman-build.1) and the executor's
flags of kaniko.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reorder.definitions.kind import IMAGE_BUILDERS, Found, Invocation, Place, define
from reorder.definitions.model import Definition
from reorder.definitions.repository import ROOT
from reorder.definitions.shell_runs import MANY, Ran, commands_run, go
from reorder.manager import UNKNOWN, is_known

_PROGRAMS = frozenset(("docker", "podman", "buildah", "nerdctl", "img", "depot"))
_RUNNERS = frozenset(("node", "npx", "dotenv", "cross-env", "env-cmd", "retry", "travis_retry", "doppler", "infisical"))
"""Programs that run the command that stands behind their own words."""
_GLOBAL_VALUED = frozenset(("-H", "--host", "--config", "-c", "--context", "-l", "--log-level", "--log-driver", "-n"))
_VALUED = frozenset(
    """
    --add-host --allow --annotation --arch --attest --authfile --build-arg --build-context --builder --cache-from
    --cache-to --cache-ttl --call --cap-add --cap-drop --cert-dir --cgroup-parent --cgroupns --cpu-period --cpu-quota
    --cpu-shares --cpuset-cpus --cpuset-mems --creds --decryption-key --device --dns --dns-option --dns-search --env
    --file --format --from --group-add --hooks-dir --iidfile --ignorefile --ipc --isolation --jobs --label
    --layer-label --logfile --manifest --memory --memory-swap --metadata-file --network --no-cache-filter --os
    --os-feature --os-version --output --pid --platform --progress --project --retry --retry-delay --runtime
    --runtime-flag --sbom --secret --security-opt --shm-size --sign-by --ssh --tag --target --timestamp --ulimit
    --unsetenv --userns --userns-gid-map --userns-uid-map --uts --variant --volume
    -c -f -m -o -t -v
    """.split()
)
_LONG = {"-f": "--file", "-t": "--tag", "-o": "--output"}
_COMPOSE_VALUED = frozenset(
    ("--file", "-f", "--project-name", "-p", "--profile", "--env-file", "--project-directory", "--ansi", "--progress",
     "--parallel", "--workdir", "--context", "-c", "-H", "--host", "--log-level")
)  # fmt: skip
_BUILDING = frozenset(("build", "up", "create", "run", "watch"))
_BAKE_VALUED = frozenset(
    ("--file", "-f", "--set", "--builder", "--metadata-file", "--progress", "--provenance", "--sbom", "--allow",
     "--call", "--list", "--project", "--var")
)  # fmt: skip
_KANIKO_VALUED = frozenset(
    ("--context", "--dockerfile", "--destination", "--build-arg", "--target", "-c", "-f", "--cache-repo",
     "--registry-mirror", "--snapshot-mode", "--context-sub-path", "--cache-dir")
)  # fmt: skip


_DOCKERFILE = re.compile(r"(?:ocker|ontainer)file(?:[._-][^/]*)?\Z")


class _Options(NamedTuple):
    values: dict[str, list[str]]
    operands: list[str]
    is_sure: bool

    def last(self, name: str) -> str | None:
        return self.values[name][-1] if self.values.get(name) else None


def _take(words: tuple[str, ...], valued: frozenset[str], *, until_operand: bool = False) -> _Options:
    """Options and operands; not sure where an unknown word may be either. ``until_operand``: those of a subcommand are
    left alone.
    """
    values: dict[str, list[str]] = {}
    operands: list[str] = []
    is_sure = True
    rest = iter(words)
    for word in rest:
        if word == MANY:
            is_sure = False
            continue
        name, equals, value = word.partition("=")
        if word.startswith("--") and (equals or name in valued):
            values.setdefault(name, []).append(value if equals else next(rest, UNKNOWN))
        elif word in valued:
            values.setdefault(_LONG.get(word, word), []).append(next(rest, UNKNOWN))
        elif word[:2] in valued and not word.startswith("--") and len(word) > 2:
            values.setdefault(_LONG.get(word[:2], word[:2]), []).append(word[2:].removeprefix("="))
        elif not word.startswith("-") or word == "-":
            operands.append(word)
            if until_operand:
                break
    return _Options(values, operands, is_sure)


def is_build(argv: tuple[str, ...]) -> bool:
    """Whether a command is one that builds, or may have others build."""
    return _subcommand(argv) is not None


def _subcommand(argv: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """``build``, ``bake``, ``compose`` or ``kaniko``, and the words behind it."""
    argv = _unwrapped(argv)
    if not is_known(argv[0]) and _names_a_dockerfile(argv):
        return "build", tuple(word for word in argv[1:] if word not in ("buildx", "build"))
    name = argv[0].rpartition("/")[2]
    if argv[0].endswith("kaniko/executor"):
        return "kaniko", argv[1:]
    if name in ("docker-compose", "podman-compose"):
        return "compose", argv[1:]
    if name == "buildx":
        argv = ("docker", *argv)
    elif name not in _PROGRAMS:
        return None
    rest = list(argv[1:])
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in _GLOBAL_VALUED and rest:
            rest.pop(0)
    while rest and rest[0] in ("buildx", "image", "builder") and len(rest) > 1:
        rest.pop(0)
        while rest and rest[0].startswith("--builder"):
            rest = rest[1:] if "=" in rest[0] else rest[2:]
    if not rest:
        return None
    if not is_known(rest[0]) and _names_a_dockerfile(argv):
        return "build", tuple(rest[1:])
    if rest[0] in ("build", "b", "bud", "build-using-dockerfile"):
        return "build", tuple(rest[1:])
    return (rest[0], tuple(rest[1:])) if rest[0] in ("bake", "compose") else None


def _names_a_dockerfile(argv: tuple[str, ...]) -> bool:
    """Whether a command that is not known is handed a Dockerfile by an option of builders: ``$ENGINE $WORDS -f …``."""
    pairs = zip(("", *argv), argv, strict=False)
    return any(
        option in ("-f", "--file") and _DOCKERFILE.search(value) for before, word in pairs
        for option, value in ((before, word), word.partition("=")[::2])
    )  # fmt: skip


def _unwrapped(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The command that a program of the project is handed: behind a script for node, or words that are not known."""
    if argv[0] not in _RUNNERS and argv[0] != MANY:
        return argv
    start = next((i for i, word in enumerate(argv) if word in _PROGRAMS), 0)
    return argv[start:]


def builds_in_script(
    text: str, place: Place, *, variables: Mapping[str, str], first_line: int, own_path: str | None = None
) -> Iterator[Found]:  # fmt: skip
    """The builds that a script runs in the folder of ``place``; ``first_line`` is the line of its first one."""
    if not any(word in text for word in IMAGE_BUILDERS):
        return
    place = place._replace(is_guess=True)
    folder, effort = go(ROOT, place.folder or "."), place.repository.effort
    for ran in commands_run(text, folder, variables, effort, own_path=own_path, is_wanted=is_build):
        yield from _understand(ran, place._replace(line=first_line + ran.line - 1, folder=ran.folder))


def _understand(ran: Ran, place: Place) -> Iterator[Found]:
    found = _subcommand(ran.argv)
    assert found is not None
    verb, words = found
    if verb == "build":
        yield from _build(words, place, looks_beside=_unwrapped(ran.argv)[0] in ("podman", "buildah"))
    elif verb == "kaniko":
        yield from _kaniko(words, place)
    else:
        valued = _COMPOSE_VALUED if verb == "compose" else _BAKE_VALUED
        options = _take(words, valued, until_operand=verb == "compose")
        if verb == "compose" and not _BUILDING.issuperset(options.operands):
            return
        known = tuple(sorted((name, value) for name, value in ran.variables.items() if is_known(value)))
        if not is_known(place.folder):
            yield place.skipped("only a run can tell the working directory")
            return
        files = options.values.get("--file", [])
        if "-" in files:
            yield place.skipped(f"the file of {verb} comes from standard input")
        elif all(map(is_known, files)):
            names = ("--project-directory", "--set", "--env-file")
            taken = tuple((name[2:], value) for name in names for value in options.values.get(name, ()))
            yield Invocation(place, verb, tuple(files), taken, known)
        else:
            yield place.skipped(f"only a run can tell the files of {verb}")


def _build(words: tuple[str, ...], place: Place, *, looks_beside: bool) -> Iterator[Found]:
    """``looks_beside``: a Dockerfile that is not there is looked for in the context (buildah-build.1, --file)."""
    options = _take(words, _VALUED)
    if "--help" in words or (not options.operands and options.is_sure):
        return
    if len(options.operands) != 1:
        yield place.skipped("only a run can tell the build context")
        return
    context, file = options.operands[0], options.last("--file")
    if file == "-":
        yield place.skipped("the Dockerfile comes from standard input")
        return
    if not is_known(place.folder) and not all(path.startswith(ROOT) for path in (context, file or context)):
        yield place.skipped("only a run can tell the working directory")
        return
    contexts = {k: v or "" for k, v in _assignments(options.values.get("--build-context", [])).items()}
    args, target = _assignments(options.values.get("--build-arg", [])), options.last("--target")
    ways = [
        define(place, context, file, target=target, args=args, contexts=contexts, is_beside=beside)
        for beside in ((False, True) if looks_beside and file else (False,))
    ]
    yield next((way for way in ways if isinstance(way, Definition)), ways[0])


def _kaniko(words: tuple[str, ...], place: Place) -> Iterator[Found]:
    """github.com/GoogleContainerTools/kaniko: the Dockerfile is looked for in the context, then by its own path."""
    options = _take(words, _KANIKO_VALUED)
    context = options.last("--context") or options.last("-c") or UNKNOWN
    context = context.removeprefix("dir://")
    sub = options.last("--context-sub-path")
    context = f"{context}/{sub}" if sub else context
    file = options.last("--dockerfile") or options.last("--file") or "Dockerfile"
    args = _assignments(options.values.get("--build-arg", []))
    target = options.last("--target")
    ways = [define(place, context, file, target=target, args=args, is_beside=beside) for beside in (True, False)]
    yield next((way for way in ways if isinstance(way, Definition)), ways[0])


def _assignments(words: list[str]) -> dict[str, str | None]:
    known = [word for word in words if is_known(word.partition("=")[0])]
    return {word.partition("=")[0]: word.partition("=")[2] if "=" in word else None for word in known}


