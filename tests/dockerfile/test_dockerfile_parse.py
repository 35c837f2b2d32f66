"""What BuildKit accepts and rejects (each verdict was checked on a real engine), and how it is cut up."""

import pytest

from reorder.dockerfile.model import Dockerfile, DockerfileError, Instruction
from reorder.dockerfile.parse import parse
from reorder.source import Source, Span


def read(text: str) -> Dockerfile:
    return parse(Source.decode("Dockerfile", text.encode("utf-8", "surrogateescape")))


def only(text: str, *, head: str = "FROM scratch\n") -> Instruction:
    dockerfile = read(head + text)
    assert len(dockerfile.instructions) == 2
    return dockerfile.instructions[1]


REJECTED = [
    ("", 1, "no instructions"),
    ("# x\n\n", 2, "no instructions"),
    ("ARG x=1\n", 1, "no stages"),
    ("RUN x\nFROM a\n", 1, "FROM must come first"),
    ("ARG A\n\nENV a=b\nFROM a\n", 3, "FROM must come first"),
    ("FROM a\n\nFOO x\n", 3, "unknown instruction: FOO"),
    ("FROM\xa0scratch\n", 1, "unknown instruction"),
    ("\x1cFROM scratch\n", 1, "unknown instruction"),
    ("FROM a\n\\", 2, "unknown instruction"),
    ("FROM a\nRUN a \\\v\n b\n", 3, "unknown instruction: B"),
    ("FROM\n", 1, "one or three"),
    ("FROM a b\n", 1, "one or three"),
    ("FROM a is b\n", 1, "one or three"),
    ("FROM a as b c\n", 1, "one or three"),
    ("FROM a as 1b\n", 1, "invalid name"),
    ("FROM --x=y a\n", 1, "unknown flag: --x"),
    ("FROM --platform a\n", 1, "missing a value"),
    ("FROM --platform=a --platform=a a\n", 1, "duplicate flag"),
    ("# escape=x\nFROM a\n", 1, "invalid escape"),
    ("# syntax=a\n# escape=`\n# Escape=`\nFROM a\n", 3, "only one escape"),
    ("# syntax=a\n#syntax=b\nFROM a\n", 2, "only one syntax"),
    ("FROM a\nCOPY x\n", 2, "at least two"),
    ("FROM a\nCOPY\n", 2, "at least two"),
    ('FROM a\nADD ["x"]\n', 2, "at least two"),
    ("FROM a\nCOPY [1, 2]\n", 2, "only strings"),
    ("FROM a\nCOPY --link=foo a b\n", 2, "boolean"),
    ("FROM a\nCOPY --link= a b\n", 2, "missing a value"),
    ("FROM a\nCOPY --link --link a b\n", 2, "duplicate flag"),
    ("FROM a\nCOPY --chown a b c\n", 2, "missing a value"),
    ("FROM a\nCOPY x <<EOF\nEOF\n", 2, "destination"),
    ("FROM a\nRUN x\nRUN <<EOF\nfoo\n", 3, "unterminated heredoc"),
    ("FROM a\nRUN <<EOF\nfoo\n EOF\n", 2, "unterminated heredoc"),
    ("FROM a\nRUN <<A <<B\nA\n", 2, "unterminated heredoc B"),
    ("FROM a\nRUN --foo x\n", 2, "unknown flag"),
    ("FROM a\nRUN [1]\n", 2, "only strings"),
    ("FROM a\nWORKDIR\n", 2, "exactly one"),
    ("FROM a\nUSER --a x\n", 2, "unknown flag"),
    ("FROM a\nSTOPSIGNAL\n", 2, "exactly one"),
    ("FROM a\nEXPOSE\n", 2, "at least one"),
    ("FROM a\nVOLUME []\n", 2, "at least one"),
    ('FROM a\nVOLUME [""]\n', 2, "empty string"),
    ("FROM a\nENV\n", 2, "at least one"),
    ("FROM a\nENV x\n", 2, "two arguments"),
    ("FROM a\nENV =x\n", 2, "blank"),
    ("FROM a\nENV a=b c\n", 2, "can't find ="),
    ("FROM a\nLABEL a\n", 2, "two arguments"),
    ("FROM a\nARG\n", 2, "at least one"),
    ("FROM a\nARG =x\n", 2, "blank"),
    ("FROM a\nSHELL\n", 2, "at least one"),
    ("FROM a\nSHELL sh -c\n", 2, "JSON form"),
    ("FROM a\nSHELL []\n", 2, "at least one"),
    ("FROM a\nHEALTHCHECK\n", 2, "at least one"),
    ("FROM a\nHEALTHCHECK NONE x\n", 2, "no arguments"),
    ("FROM a\nHEALTHCHECK CMD\n", 2, "missing command"),
    ("FROM a\nHEALTHCHECK CMD []\n", 2, "missing command"),
    ("FROM a\nHEALTHCHECK FOO x\n", 2, "unknown type"),
    ("FROM a\nHEALTHCHECK --interval=5x CMD x\n", 2, "invalid value"),
    ("FROM a\nHEALTHCHECK --retries=x CMD x\n", 2, "invalid value"),
    ("FROM a\nONBUILD\n", 2, "at least one"),
    ("FROM a\nONBUILD FROM x\n", 2, "trigger"),
    ("FROM a\nONBUILD ONBUILD RUN x\n", 2, "chaining"),
    ("FROM a\n#" + "x" * 65_535 + "\nRUN y\n", 2, "max allowed size"),
]


@pytest.mark.parametrize(("text", "line", "message"), REJECTED)
def test_what_buildkit_rejects_is_an_error_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read(text)
    assert message in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "RUN",
        "CMD",
        "ENTRYPOINT",
        "RUN []",
        "RUN [NaN]",
        "RUN " + "[" * 3_000,
        "RUN " + "x" * 65_531,
        "ARG --a=b x=y",
        "STOPSIGNAL --a=b 9",
        "ONBUILD FOO x",
        "ONBUILD COPY x",
        "HEALTHCHECK NONE []",
        "HEALTHCHECK --interval=1m30s --start-period=.5s --retries=3 cmd x",
        "COPY --chown= a b",
        "COPY --from=x --parents --exclude=a --exclude=b a b",
        'COPY --chown="a" a b',
        'COPY --"link" a b',
        "COPY -- --link b",
        'COPY ["<<A", "/x"]',
        "RUN echo $((1<<4)) $(( 1 << 4 ))",
        "RUN cat <<< foo",
        "RUN echo it's <<EOF",
        "RUN a\0b",
        "RUN a\udcffb",
        "WORKDIR /a b",
    ],
)
def test_oddities_that_buildkit_accepts(text: str) -> None:
    assert only(text).keyword == text.split()[0]


@pytest.mark.parametrize(
    "text", ["\ufeffFROM scratch\n", "FROM\vscratch", "\tfrom\tscratch\r\n", "\xa0FROM scratch", "FR\\\nOM scratch"]
)  # fmt: skip
def test_a_from_in_disguise(text: str) -> None:
    dockerfile = read(text)
    assert [(i.keyword, i.words, i.line, i.span) for i in dockerfile.instructions] == [
        ("FROM", ("scratch",), 1, Span(0, len(text)))
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("COPY a  b\tc", ("a", "b", "c")),
        ('COPY "a b" c', ('"a', 'b"', "c")),
        ('COPY [ "a b", "c" ]', ("a b", "c")),
        ("COPY ['a', 'b']", ("['a',", "'b']")),
        ("COPY <<A b /x/\nA", ("<<A", "b", "/x/")),
        ("WORKDIR  /a b ", ("/a b",)),
        ("USER a:b", ("a:b",)),
        ("ENV a b c=d", ("a=b c=d",)),
        ("ENV a=b c=\"d e\" f='g h' i=j\\ k", ("a=b", 'c="d e"', "f='g h'", "i=j\\ k")),
        ('ENV a="b', ('a="b',)),
        ("ENV a=b\\", ("a=b",)),
        ("ENV a= b=''", ("a=", "b=''")),
        ("ARG a b=c", ("a", "b=c")),
        ('LABEL "a b"=c', ('"a b"=c',)),
        ("EXPOSE 80 443/tcp", ("80", "443/tcp")),
        ('VOLUME ["/a"]', ("/a",)),
        ('RUN ["a", "b c"]', ("a", "b c")),
        ("RUN a b", ()),
        ('HEALTHCHECK --retries=2 cmd ["a"]', ("CMD", "a")),
        ("HEALTHCHECK CMD a b", ("CMD",)),
        ("onbuild copy --chown=a b c", ("COPY", "b c")),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert only(text).words == words


def test_continuations_join_into_the_logical_line_and_keep_their_place() -> None:
    text = "RUN \\\n # one\n\n  --network=none \\ \n\t# two\n a \\\n\n# three\n b\\\nc \\\n"
    instruction = only(text)
    assert instruction.args == "a  bc"
    assert [flag.raw for flag in instruction.flags] == ["--network=none"]
    whole = "FROM scratch\n" + text
    assert whole[slice(*instruction.args_span)] == "a \\\n\n# three\n b\\\nc"
    assert whole[slice(*instruction.span)] == text


def test_a_doubled_escape_ends_the_line() -> None:
    assert [i.args for i in read("FROM a\nRUN b \\\\\nRUN c").instructions[1:]] == ["b \\\\", "c"]


@pytest.mark.parametrize(
    "directive", ["# escape=`", "  #Escape =\t` ", "# syntax=x\n# check=skip=all\n#escape=`", "\ufeff# escape=`"]
)
def test_the_escape_directive(directive: str) -> None:
    dockerfile = read(f"{directive}\nFROM a\nRUN a `\n b\\\nRUN c")
    assert [i.args for i in dockerfile.instructions[1:]] == ["a  b\\", "c"]
    assert dockerfile.escape == "`"
    assert dockerfile.directives[-1] == ("escape", "`")
    assert dockerfile.pieces[0].kind == "directive"


@pytest.mark.parametrize("above", ["\n# escape=`", "# hello\n# escape=`", "#\n# escape=`", "# foo=bar\n# escape=`"])
def test_a_directive_after_anything_else_is_a_comment(above: str) -> None:
    dockerfile = read(f"{above}\nFROM a\n")
    assert dockerfile.escape == "\\"
    assert dockerfile.directives == ()


def test_flags() -> None:
    instruction = only('COPY --from=a --chown="a b":c --link --chmod=7\\55 -- x y')
    assert [tuple(flag) for flag in instruction.flags] == [
        ("from", "a", "--from=a"),
        ("chown", "a b:c", '--chown="a b":c'),
        ("link", None, "--link"),
        ("chmod", "755", "--chmod=7\\55"),
    ]
    assert instruction.args == "x y"


def test_heredocs() -> None:
    text = "COPY <<-A <<'B c' /x/\n\tone\n\t\tA\n\ttwo\nB c\n"
    instruction = only(text)
    assert [(h.name, h.expand, h.chomp, h.content) for h in instruction.heredocs] == [
        ("A", True, True, "one\n"),
        ("B c", False, False, "\ttwo\n"),
    ]
    whole = "FROM scratch\n" + text
    assert [whole[slice(*h.body)] for h in instruction.heredocs] == ["\tone\n", "\ttwo\n"]
    assert whole[slice(*instruction.span)] == text
    assert whole[slice(*instruction.args_span)] == "<<-A <<'B c' /x/"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN cat << EOF", ["EOF"]),
        ("RUN 3<<EOF cat", ["EOF"]),
        ("ONBUILD RUN cat <<EOF", ["EOF"]),
        ("ONBUILD COPY <<EOF /x", ["EOF"]),
        ("RUN cat \\\n <<EOF", ["EOF"]),
        ("RUN cat <<EOF\r", ["EOF"]),
    ],
)
def test_heredoc_markers(line: str, names: list[str]) -> None:
    assert [h.name for h in only(f"{line}\nFOO\nEOF").heredocs] == names


@pytest.mark.parametrize("line", ["ENV a=<<EOF", 'RUN ["<<EOF"]', "CMD cat <<EOF", 'RUN echo "<<EOF"', "RUN a <<<EOF"])
def test_not_heredocs(line: str) -> None:
    dockerfile = read(f"FROM a\n{line}\nRUN b")
    assert [i.args for i in dockerfile.instructions[2:]] == ["b"]


def test_stages() -> None:
    dockerfile = read("ARG A\narg B=1\nFROM a:$A AS Build\nRUN x\nfrom --platform=p Build\nRUN y\nFROM c as d")
    assert [i.words for i in dockerfile.preamble] == [("A",), ("B=1",)]
    assert [(s.index, s.name, s.base, [i.keyword for i in s.instructions]) for s in dockerfile.stages] == [
        (0, "build", "a:$A", ["FROM", "RUN"]),
        (1, None, "Build", ["FROM", "RUN"]),
        (2, "d", "c", ["FROM"]),
    ]


def test_the_comment_above_belongs_to_the_instruction() -> None:
    text = "# syntax=x\nFROM a\n\n# far\n\n# near\n  # nearer\nRUN x\nRUN y\n"
    first, second, third = read(text).instructions
    assert first.comment is None
    assert second.comment is not None
    assert text[slice(*second.comment)] == "# near\n  # nearer\n"
    assert third.comment is None


def test_pieces_are_whole_lines_of_one_kind() -> None:
    text = "#escape=\\\n\n# a\n# b\n \nFROM a\nRUN <<E\n# c\nE"
    assert [(p.kind, text[slice(*p.span)]) for p in read(text).pieces] == [
        ("directive", "#escape=\\\n"),
        ("blank", "\n"),
        ("comment", "# a\n# b\n"),
        ("blank", " \n"),
        ("instruction", "FROM a\n"),
        ("instruction", "RUN <<E\n# c\nE"),
    ]
