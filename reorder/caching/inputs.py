"""What the cache key of one step is made of, besides what stands above it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from reorder.analysis.steps import Step
from reorder.caching.builder import Builder
from reorder.caching.selectors import Selector, context_selectors, selector_of
from reorder.caching.variables import Scope, Value
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Instruction
from reorder.effects import EVERYTHING, NOTHING, PathSet, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import UNKNOWN

_EXPANDED = frozenset("ADD COPY ENV EXPOSE LABEL STOPSIGNAL USER VOLUME WORKDIR".split())
"""Instructions whose words are expanded (Dockerfile reference, "Environment replacement")."""

_UNEXPANDED_FLAGS = frozenset(("link", "parents"))


class Taken(NamedTuple):
    """What a step takes out of the stage of that number; paths are seen from its root."""

    stage: int
    selector: Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """``images`` and ``addresses`` are what is copied, mounted or fetched from images and URLs.

    ``dest`` is where a COPY or ADD puts what it selects; ``into_folder``: each file under its own name.
    """

    selectors: tuple[Selector, ...] = ()
    taken: tuple[Taken, ...] = ()
    images: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    arguments: frozenset[str] = frozenset()
    dest: str = "/"
    into_folder: bool = False
    extracts: bool = False

    @property
    def everywhere(self) -> PathSet:
        """All places that this COPY or ADD may write to."""
        return EVERYTHING if UNKNOWN in self.dest else PathSet.of(trees=(real_place(self.dest),))

    def written(self, path: str) -> PathSet:
        """Where in the container a change of the context's ``path`` shows after this COPY or ADD."""
        found = NOTHING
        for selector in self.selectors:
            if selector.takes(path):
                inside = selector.inside(path)
                is_placed = selector.is_precise and not self.extracts and UNKNOWN not in self.dest
                found |= self._placed(path, inside) if is_placed else self.everywhere
            elif selector.may_lie_under(path):
                found |= self.everywhere
        return found

    def carried(self, selector: Selector, where: PathSet) -> PathSet:
        """Where something new shows after ``selector`` has taken it out of a stage that holds new things ``where``."""
        if where.everything:
            return self.everywhere
        found = NOTHING
        for place in (*where.files, *where.trees):
            path = place.lstrip("/")
            if selector.takes(path):
                found |= self._placed(path, selector.inside(path)) if selector.is_precise else self.everywhere
            elif place in where.trees and selector.may_lie_under(path):
                found |= self.everywhere
        return found

    def _placed(self, path: str, inside: str) -> PathSet:
        if inside:
            return PathSet.of(trees=(real_place(join(self.dest, inside)),))
        named = real_place(join(self.dest, posixpath.basename(path)))
        # without a final slash a file lands at the destination, or in it if that is a folder of the image
        return PathSet.of(named) if self.into_folder else PathSet.of(real_place(self.dest), named)


def inputs_of(
    step: Step, scope: Scope, context: BuildContext, stages: Mapping[str, int], user: frozenset[str]
) -> Inputs:
    """The inputs of a step that sees ``scope``; ``stages`` are those above by name and number.

    ``user``: the build arguments that decide who the current user is.
    """
    keyword = step.instruction.keyword
    if step.copy is not None:
        return _copy_inputs(step, scope, context, stages)
    if keyword == "RUN":
        return _run_inputs(step.instruction, scope, context, stages, user)
    if keyword == "ARG" and scope.builder is Builder.CLASSIC:
        # the default, expanded, is part of the key; the value is not (RULEBOOK A2)
        words = [word.partition("=")[2] for word in step.instruction.words]
    else:
        words = list(step.instruction.words) if keyword in _EXPANDED else []
    arguments = _joined(scope.value(word) for word in words)
    # BuildKit makes a missing folder the current user's
    return Inputs(arguments=arguments | user if keyword == "WORKDIR" else arguments)


def _copy_inputs(step: Step, scope: Scope, context: BuildContext, stages: Mapping[str, int]) -> Inputs:
    copy, instruction = step.copy, step.instruction
    assert copy is not None
    sources = [scope.value(word) for word in instruction.words[:-1]]
    values = (*sources, scope.value(instruction.words[-1]), *_other_values(instruction, scope))
    inputs = Inputs(
        arguments=_joined(values), dest=copy.dest,
        into_folder=len(sources) > 1 or copy.raw_dest == "." or copy.raw_dest.endswith(("/", "/.")),
        extracts=copy.problem is not None and copy.problem.slug == "add-extracts-archive",
    )  # fmt: skip
    texts = [source.text for source in sources]
    if (flag := instruction.flag("from")) is not None:
        return _from_elsewhere(inputs, scope.value(flag.value or "").text, texts, stages)
    texts = [text for text in texts if not (instruction.heredocs and text.startswith("<<"))]
    remote = frozenset(text for text in texts if instruction.keyword == "ADD" and is_remote(text))
    selectors = tuple(s for text in texts if text not in remote for s in context_selectors(text, context))
    return replace(inputs, selectors=selectors, addresses=remote)


def is_remote(path: str) -> bool:
    """Whether it is the address of what ADD fetches, not a path."""
    return "://" in path or path.startswith("git@")


def _from_elsewhere(inputs: Inputs, name: str, sources: list[str], stages: Mapping[str, int]) -> Inputs:
    stage = stages.get(name.lower())
    if stage is None:
        return replace(inputs, images=inputs.images | {name})
    selectors = [selector_of(source) for source in sources]
    taken = (Taken(stage, s._replace(root=real_place("/" + s.root).lstrip("/"))) for s in selectors if s is not None)
    return replace(inputs, taken=(*inputs.taken, *taken))


def _other_values(instruction: Instruction, scope: Scope) -> Iterator[Value]:
    """The flags and the bodies of heredocs that variables may stand in."""
    for flag in instruction.flags:
        if flag.name not in _UNEXPANDED_FLAGS:
            yield scope.value(flag.value or "")
    for heredoc in instruction.heredocs:
        if heredoc.expand:
            yield scope.value(heredoc.content)


def _run_inputs(
    instruction: Instruction, scope: Scope, context: BuildContext, stages: Mapping[str, int], user: frozenset[str]
) -> Inputs:
    """A RUN is keyed by all variables that it could read, and by the content of bind mounts.

    The content of caches, secrets and ssh agents is never keyed; where a cache begins with what another stage holds,
    that is (RULEBOOK A4; BuildKit, solver/llbsolver/ops/exec.go).
    """
    inputs = Inputs(arguments=scope.arguments | user)
    for flag in instruction.flags:
        options = flag.options if flag.name == "mount" else {"type": "none"}
        kind = options.get("type", "bind")
        source = scope.value(options.get("source") or options.get("src") or "").text
        if "from" in options and kind in ("bind", "cache"):
            inputs = _from_elsewhere(inputs, scope.value(options["from"]).text, [source], stages)
        elif kind == "bind":
            inputs = replace(inputs, selectors=(*inputs.selectors, *context_selectors(source, context)))
    return inputs


def real_place(path: str) -> str:
    """The absolute ``path`` where base images have symbolic links on the way to it.

    ``/bin`` and its like (the "merged /usr" of Debian 12, Fedora, ...), and what moved to ``/run`` (FHS 3.0, 5.13).
    """
    return _LINKED.sub(lambda match: _LINKS.get(match[0], "/usr" + match[0]), path)


_LINKS = {"/var/run": "/run", "/var/lock": "/run/lock"}
_LINKED = lazy_pattern(r"^/(?:bin|sbin|lib|lib32|lib64|libx32|var/run|var/lock)(?=/|$)")


def _joined(values: Iterable[Value]) -> frozenset[str]:
    return frozenset[str]().union(*(value.arguments for value in values))
