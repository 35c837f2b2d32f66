"""dockerfile-parse as a second opinion."""


import pytest

from reorder.dockerfile.parse import parse
from reorder.dockerfile.second_opinion import disagreement, parent_images
from reorder.source import Source


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffFROM a\nRUN b",
        "FROM a\nRUN b \\",
        "FROM a\nRUN b \\\n# c",
        "FROM a\nRUN b \\\n\n c\n",
        "FROM a\nRUN b \\\\\nRUN c\n",
        "FROM a\nRUN\\\n b\n",
        "FROM a\nRUN <<E\nRUN \\\nE\nRUN c\n",
        "FROM a\nRUN <<E\nRUN b\nE",
        "FROM a\nRUN x \\\n <<E\nRUN b\nE\nCMD",
        "# check=skip=all\n# escape=`\nFROM a\nRUN b `\n c\n",
        "FROM a\nRUN \udcff\n",
        "FROM a\r\nRUN b \\\r\n\r\n c\r\n",
    ],
)
def test_what_dockerfile_parse_alone_misreads_is_no_disagreement(text: str) -> None:
    assert disagreement(parse(Source("Dockerfile", text))) is None


def test_a_difference_is_told_with_its_line() -> None:
    assert disagreement(parse(Source("Dockerfile", "FROM a\nR\\\nUN b\n"))) == (
        "line 2: RUN here, but dockerfile-parse reads R at line 2"
    )


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (slice(0, 2), "line 3: only dockerfile-parse reads RUN here"),
        (slice(1, 3), "line 2: ENV here, but dockerfile-parse reads FROM at line 1"),
    ],
)
def test_an_instruction_that_we_had_missed(kept: slice, message: str) -> None:
    dockerfile = parse(Source("Dockerfile", "FROM a\nENV a=b\nRUN c\n"))
    assert disagreement(dockerfile._replace(instructions=dockerfile.instructions[kept])) == message


def test_an_instruction_that_we_had_invented() -> None:
    dockerfile = parse(Source("Dockerfile", "FROM a\nRUN c\n"))
    invented = dockerfile._replace(instructions=dockerfile.instructions + dockerfile.instructions[1:])
    assert disagreement(invented) == "line 2: only this tool reads RUN here"


def test_parent_images() -> None:
    text = "ARG V=3\nFROM --platform=x python:${V} AS a\nRUN <<E\nFROM no\nE\nFROM a\n"
    assert parent_images(parse(Source("Dockerfile", text))) == ("python:3", "a")


def test_what_is_too_long_to_cross_check_is_no_disagreement() -> None:
    short = parse(Source("Dockerfile", "FROM a\nR\\\nUN b\n"))
    long = parse(Source("Dockerfile", "FROM a\nR\\\nUN b \\\n" + " && c \\\n" * 20_000 + " d\n"))
    assert disagreement(short) is not None
    assert disagreement(long) is None
    assert parent_images(long) is None
