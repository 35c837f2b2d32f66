"""What holds for every Dockerfile."""

import time

from e2b_dockerfile_utils import parse_dockerfile_ast
from hypothesis import example, given

from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.parse import parse
from reorder.dockerfile.second_opinion import disagreement
from reorder.dockerfile.shell_body import shell_body
from reorder.source import Source
from tests.strategies import dockerfiles, mangled


@given(dockerfiles())
def test_pieces_add_up_to_the_bytes(text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    dockerfile = parse(Source.decode("Dockerfile", data))
    joined = "".join(dockerfile.source.slice(piece.span) for piece in dockerfile.pieces)
    assert joined.encode("utf-8", "surrogateescape") == data
    spans = [piece.span for piece in dockerfile.pieces if piece.kind == "instruction"]
    assert spans == [instruction.span for instruction in dockerfile.instructions]


@given(dockerfiles())
def test_another_port_of_buildkit_reads_the_same_lines(text: str) -> None:
    dockerfile = parse(Source("Dockerfile", text))
    if "ONBUILD RUN <<" in text:  # the other port does not look for heredocs in ONBUILD
        return
    ours = [
        (i.keyword, i.line, dockerfile.source.line_of(i.span.end - 1), [h.name for h in i.heredocs])
        for i in dockerfile.instructions
    ]
    theirs = [
        (i.name, i.start_line, i.end_line, [h.name for h in i.heredocs])
        for i in parse_dockerfile_ast(text).instructions
    ]
    assert ours == theirs


@given(dockerfiles())
def test_the_second_opinion_agrees(text: str) -> None:
    assert disagreement(parse(Source("Dockerfile", text))) is None


def parse_or_error(text: str) -> Dockerfile | DockerfileError:
    try:
        return parse(Source("Dockerfile", text))
    except DockerfileError as error:
        return error


@given(mangled())
@example("FROM x\n<<EOF")
@example("FROM x\nRUN <<'")
def test_any_text_parses_without_loss_or_fails_with_a_line(text: str) -> None:
    parsed = parse_or_error(text)
    if isinstance(parsed, DockerfileError):
        assert 1 <= parsed.line <= text.count("\n") + 1
        assert parsed.message
        return
    assert "".join(text[slice(*piece.span)] for piece in parsed.pieces) == text
    disagreement(parsed)


@given(mangled().map("FROM x\nRUN y ".__add__))
def test_what_parses_here_parses_in_the_other_port(text: str) -> None:
    parsed = parse_or_error(text)
    if isinstance(parsed, DockerfileError) or "<<" in text or "[" in text:
        return
    theirs = [(i.name, i.start_line) for i in parse_dockerfile_ast(text).instructions]
    assert theirs == [(i.keyword, i.line) for i in parsed.instructions]


@given(dockerfiles())
def test_arguments_are_found_in_their_span(text: str) -> None:
    for instruction in parse(Source("Dockerfile", text)).instructions:
        raw = text[slice(*instruction.args_span)]
        assert (
            instruction.span.start <= instruction.args_span.start <= instruction.args_span.end <= instruction.span.end
        )
        assert (raw[:1], raw[-1:]) == (instruction.args[:1], instruction.args[-1:])
        if "\n" not in raw:
            assert raw == instruction.args


@given(dockerfiles())
def test_a_shell_body_is_the_logical_line_in_equal_length(text: str) -> None:
    dockerfile = parse(Source("Dockerfile", text))
    for instruction in dockerfile.instructions:
        body = shell_body(dockerfile, instruction)
        if body is None or instruction.heredocs:
            continue
        assert len(body.text) == instruction.args_span.end - instruction.args_span.start
        assert body.text.replace("\\\n", "").split() == instruction.args.split()


def test_five_megabytes_take_seconds() -> None:
    rows = "RUN a \\\n" + " && echo one two three four five six \\\n" * 120_000 + " end\n"
    start = time.perf_counter()
    assert disagreement(parse(Source("Dockerfile", "FROM a\n" + rows))) is None
    assert time.perf_counter() - start < 10
