"""What each kind of line in a requirements file means, and which files a list of them leads to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reorder.manifests.files import ManifestError
from reorder.manifests.requirements import (
    classify_editable,
    classify_requirement,
    decode,
    file_url_path,
    parse_requirements,
)

LINES = [
    ("flask", ("name", "flask")),
    ("Flask >= 2.0, <3 ; python_version < '3.9'  # why", ("name", "Flask >= 2.0, <3 ; python_version < '3.9'")),
    ("uvicorn[standard]==0.30.*", ("name", "uvicorn[standard]==0.30.*")),
    ("zope.interface (>=5)", ("name", "zope.interface (>=5)")),
    ("six===1.16.0", ("name", "six===1.16.0")),
    ("torch==2.1.0+cpu", ("name", "torch==2.1.0+cpu")),
    ("six==1.16.0 --hash=sha256:aa --hash sha256:bb", ("name", "six==1.16.0")),
    ('six==1.16.0 --config-settings "a=b c"', ("name", "six==1.16.0")),
    ("git+https://github.com/a/b.git@v1#egg=b", ("remote", "git+https://github.com/a/b.git@v1#egg=b")),
    ("git+ssh://git@host/a/b.git", ("remote", "git+ssh://git@host/a/b.git")),
    ("b @ git+https://${TOKEN}@host/b.git", ("remote", "git+https://${TOKEN}@host/b.git")),
    ("b@https://host/b-1.0.tar.gz", ("remote", "https://host/b-1.0.tar.gz")),
    ("https://host/b-1.0-py3-none-any.whl", ("remote", "https://host/b-1.0-py3-none-any.whl")),
    (".", ("local", ".")),
    (".[dev]", ("local", ".")),
    ("./libs/foo", ("local", "./libs/foo")),
    ("libs/foo[x] ; python_version > '3'", ("local", "libs/foo")),
    ("../shared", ("local", "../shared")),
    ("/opt/foo", ("local", "/opt/foo")),
    ("foo-1.0-py3-none-any.whl", ("local", "foo-1.0-py3-none-any.whl")),
    ("foo-1.0.tar.gz", ("local", "foo-1.0.tar.gz")),
    ("foo @ file:///app/foo.whl", ("local", "/app/foo.whl")),
    ("file:libs/foo#egg=foo", ("local", "libs/foo")),
    ("-e .", ("editable", ".")),
    ("-e .[dev,test]", ("editable", ".")),
    ("--editable=./libs/foo", ("editable", "./libs/foo")),
    ("-e libs", ("editable", "libs")),
    ("-e git+https://host/a.git@main#egg=a_b", ("checkout", "git+https://host/a.git@main#egg=a_b")),
    ("-r base.txt", ("requirements", "base.txt")),
    ("-rbase.txt", ("requirements", "base.txt")),
    ("--requirement=req/base.txt", ("requirements", "req/base.txt")),
    ("--requirement req/base.txt", ("requirements", "req/base.txt")),
    ("-c constraints.txt", ("constraints", "constraints.txt")),
    ("--constraint constraints.txt", ("constraints", "constraints.txt")),
    ("-r 'my base.txt'", ("requirements", "my base.txt")),
    ("--find-links ./wheels", ("links", "./wheels")),
    ("-f file:///wheels", ("links", "/wheels")),
    ("-i file:///simple", ("links", "/simple")),
    ("foo @ file:///${HOME}/foo.whl", ("opaque", "foo @ file:///${HOME}/foo.whl")),
    ("-r ${WHICH}.txt", ("opaque", "${WHICH}.txt")),
    ("git+file:///srv/repo", ("opaque", "git+file:///srv/repo")),
    ("./${DIR}/foo", ("opaque", "./${DIR}/foo")),
    ("not a requirement", ("opaque", "not a requirement")),
    ("six==1.16.0 -e .", ("opaque", "six==1.16.0 -e .")),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line_is_what_pip_makes_of_it(line: str, expected: tuple[str, str]) -> None:
    [(kind, value, number)] = parse_requirements(f"# first\n\n{line}\n")
    assert (kind, value, number) == (*expected, 3)


@pytest.mark.parametrize(
    "line",
    [
        "", "  # six", "--no-index", "--pre", "--prefer-binary", "--require-hashes", "-i https://host/simple",
        "--index-url=https://user:pw@host/simple", "--extra-index-url https://a/ --trusted-host a",
        "-f https://download.host/links.html", "--no-binary :all:", "--use-feature=fast-deps",
    ],
)  # fmt: skip
def test_lines_that_lead_nowhere(line: str) -> None:
    assert parse_requirements(line) == ()


def test_continuations_comments_and_line_numbers() -> None:
    text = "six==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\r\n# c \\\n-r base.txt  # -c no.txt\n./a#b\n"
    assert parse_requirements(text) == (
        ("name", "six==1", 1), ("requirements", "base.txt", 5), ("local", "./a#b", 6),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["--no-such-option x", "-r", "-e . six"])
def test_options_that_pip_does_not_know(text: str) -> None:
    with pytest.raises(ManifestError, match=r"^1: "):
        parse_requirements(text)


@pytest.mark.parametrize(
    "data", ["é".encode(), b"\xef\xbb\xbf\xc3\xa9", "\ufeffé".encode("utf-16-le"), b"# coding: latin-1\n\xe9"]
)
def test_encodings(data: bytes) -> None:
    assert decode(data).endswith("é")


def test_bytes_in_no_encoding() -> None:
    with pytest.raises(UnicodeDecodeError):
        decode(b"six\xff")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///a/b", "/a/b"),
        ("file:b", "b"),
        ("file://localhost/a", "/a"),
        ("file://other/a", ""),
        ("file:///a%20b", "/a b"),
    ],
)
def test_file_urls(url: str, path: str) -> None:
    assert file_url_path(url) == path


def test_a_name_after_editable_is_a_folder() -> None:
    assert classify_requirement("foo") == ("name", "foo")
    assert classify_editable("foo") == ("editable", "foo")


@given(st.text(alphabet="ab-./@:[]=<>~;# \\'\"${}er\n", max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        lines = parse_requirements(text)
    except ManifestError:
        return
    numbers = [line.number for line in lines]
    assert numbers == sorted(numbers)


@given(st.text(alphabet="ab/.", min_size=1, max_size=12))
def test_what_has_a_slash_is_never_a_name(text: str) -> None:
    assert (classify_requirement(text)[0] == "name") <= ("/" not in text)
