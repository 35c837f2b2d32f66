"""Parses a Dockerfile: pieces that add up to the file, instructions, stages."""

from __future__ import annotations

from reorder.dockerfile.arguments import ArgumentError, Words, check_flags, split_head, words_of
from reorder.dockerfile.heredocs import HEREDOC_KEYWORDS, Marker, is_marker, markers_in, without_tabs
from reorder.dockerfile.model import Dockerfile, DockerfileError, Heredoc, Instruction, Stage
from reorder.dockerfile.scan import LogicalLine, Scanner
from reorder.source import Source, Span


def parse(source: Source) -> Dockerfile:
    r"""Parse ``source`` as BuildKit would; raise `DockerfileError` for what it rejects.

    The words of an instruction are, with nothing expanded or unquoted:

    - COPY, ADD: the sources and the destination (a heredoc source is its marker, ``<<EOF``);
    - FROM: ``base`` or ``base AS name``; EXPOSE and VOLUME: the items;
    - ENV, LABEL, ARG: ``NAME=value`` with quotes and escapes kept (the old ``ENV NAME a b`` is
      ``NAME=a b``), and a bare ``NAME`` in ARG; see `reorder.dockerfile.expand.assignments`;
    - WORKDIR, USER, STOPSIGNAL, MAINTAINER: the one argument, blanks included;
    - RUN, CMD, ENTRYPOINT, SHELL: the strings of the JSON form, and none in the shell form;
    - HEALTHCHECK: ``CMD`` or ``NONE``, then the strings of the JSON form;
    - ONBUILD: the keyword of the trigger, and what follows it (flags removed).

    A byte order mark belongs to the first piece. A stage's first instruction is its FROM.
    """
    scanner = Scanner(source.text)
    instructions: list[Instruction] = []
    while (line := scanner.next_instruction()) is not None:
        try:
            instructions.append(_instruction(source, scanner, line))
        except ArgumentError as error:
            raise DockerfileError(str(error), line.line) from None
    if not instructions:
        raise DockerfileError("file with no instructions", max(scanner.row, 1))
    preamble, stages = _stages(instructions)
    return Dockerfile(
        source=source,
        escape=scanner.escape,
        directives=tuple(scanner.directives),
        pieces=tuple(scanner.pieces),
        instructions=tuple(instructions),
        preamble=preamble,
        stages=stages,
    )


def _instruction(source: Source, scanner: Scanner, line: LogicalLine) -> Instruction:
    head = split_head(line.text, scanner.escape)
    words = words_of(head.keyword, head.args, scanner.escape)
    check_flags(head.keyword, head.flags)
    markers = _markers(head.keyword, words, line.text)
    heredocs = tuple(found for marker in markers if (found := _heredoc(source, scanner, marker)) is not None)
    if head.keyword in ("COPY", "ADD") and is_marker(words.items[-1]):
        raise ArgumentError(f"{head.keyword} cannot accept a heredoc as a destination")
    start = line.offset(head.start) if head.args else line.offset(head.start - 1) + 1
    end = line.offset(head.start + len(head.args) - 1) + 1
    return Instruction(
        keyword=head.keyword,
        span=scanner.close(),
        comment=line.comment,
        line=line.line,
        flags=head.flags,
        args=head.args,
        args_span=Span(start, end),
        words=words.items,
        json=words.json,
        heredocs=heredocs,
    )


def _markers(keyword: str, words: Words, line: str) -> tuple[Marker, ...]:
    if "<<" not in line or words.json:
        return ()
    holder = words.items[0] if keyword == "ONBUILD" else keyword
    return markers_in(line) if holder in HEREDOC_KEYWORDS else ()


def _heredoc(source: Source, scanner: Scanner, marker: Marker) -> Heredoc | None:
    """Read the heredoc; None for a spaced marker without terminator, as in ``$(( 1 << 4 ))``."""
    body = scanner.heredoc(marker.name, chomp=marker.chomp)
    if body is None and marker.spaced:
        return None
    if body is None:
        raise ArgumentError(f"unterminated heredoc {marker.name}")
    content = source.slice(body)
    return Heredoc(marker.name, body, marker.expand, marker.chomp, without_tabs(content) if marker.chomp else content)


def _stages(instructions: list[Instruction]) -> tuple[tuple[Instruction, ...], tuple[Stage, ...]]:
    """The ARGs before the first FROM, and the stages."""
    preamble: list[Instruction] = []
    groups: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            groups.append([instruction])
        elif groups:
            groups[-1].append(instruction)
        elif instruction.keyword == "ARG":
            preamble.append(instruction)
        else:
            raise DockerfileError("no build stage in current context: FROM must come first", instruction.line)
    if not groups:
        raise DockerfileError("dockerfile contains no stages to build", instructions[-1].line)
    return tuple(preamble), tuple(_stage(index, group) for index, group in enumerate(groups))


def _stage(index: int, instructions: list[Instruction]) -> Stage:
    words = instructions[0].words
    return Stage(
        index=index,
        name=words[2].lower() if len(words) == 3 else None,
        base=words[0],
        instructions=tuple(instructions),
    )
