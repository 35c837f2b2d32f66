"""Generators of Dockerfiles: ones that BuildKit accepts, and text that only looks like one."""

from __future__ import annotations

from hypothesis import strategies as st

_words = st.text("abcdefgh./_-", min_size=1, max_size=8).filter(lambda word: not word.startswith("-"))
_names = st.text("ABCDEFGH_", min_size=1, max_size=6)
_values = st.one_of(_words, st.sampled_from(['"a b"', "'$X'", "$X", "${X:-y}", "a~ b", '"é"', "\udcff"]))
_indents = st.sampled_from(["", " ", "\t", "    "])
_interludes = st.sampled_from(["# comment", "  # comment \\", "", "   ", "\t", "#"])


@st.composite
def _broken(draw: st.DrawFn, words: list[str], escape: str) -> str:
    """Words joined by blanks or continuations, with comments and blank lines among them."""
    out = words[0]
    for word in words[1:]:
        if draw(st.integers(0, 3)):
            out += " " + word
            continue
        out += " " + escape + draw(st.sampled_from(["", " ", "\t "])) + "\n"
        for interlude in draw(st.lists(_interludes, max_size=2)):
            out += interlude + "\n"
        out += draw(_indents) + word
    return out


@st.composite
def _heredoc(draw: st.DrawFn) -> str:
    keyword = draw(st.sampled_from(["RUN", "RUN cat", "ONBUILD RUN", "COPY"]))
    names = draw(st.lists(st.sampled_from(["EOF", "A", "end_of"]), min_size=1, max_size=2, unique=True))
    marks, bodies = [], ""
    for name in names:
        dash, quote = draw(st.sampled_from(["", "-"])), draw(st.sampled_from(["", "'", '"']))
        marks.append(f"<<{dash}{quote}{name}{quote}")
        lines = draw(st.lists(st.sampled_from(["FROM x", "# not a comment", "", "RUN \\", "\tfoo"]), max_size=3))
        bodies += "".join(line + "\n" for line in lines) + ("\t" if dash else "") + name + "\n"
    return f"{keyword} {' '.join(marks)}{' /x/' if keyword == 'COPY' else ''}\n{bodies}".removesuffix("\n")


@st.composite
def _instruction(draw: st.DrawFn, escape: str) -> str:
    kind = draw(st.sampled_from(["RUN", "run", "COPY", "ADD", "ENV", "LABEL", "ARG", "WORKDIR", "JSON", "HEREDOC"]))
    if kind == "HEREDOC":
        return draw(_heredoc())
    if kind == "JSON":
        return draw(st.sampled_from(["CMD", "RUN", "ENTRYPOINT", "SHELL"])) + ' ["a b", "c\\u00e9"]'
    words = draw(st.lists(_words, min_size=2, max_size=6))
    flags = []
    if kind in ("ENV", "LABEL", "ARG"):
        words = [f"{draw(_names)}={draw(_values)}".replace("~", escape) for _ in words]
    elif kind in ("COPY", "ADD"):
        flags = draw(st.lists(st.sampled_from(["--chown=a:b", "--link", '--chmod="755"']), max_size=3, unique=True))
    return draw(_broken([kind, *flags, *words], escape))


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """The text of a Dockerfile that BuildKit accepts."""
    escape = draw(st.sampled_from(["\\", "\\", "`"]))
    rows = draw(st.sampled_from([[], ["# syntax=docker/dockerfile:1"], ["#check = skip=all"]]))
    rows = [*rows, "# Escape = `"] if escape == "`" else rows
    rows = [*rows, *draw(st.sampled_from([[], ["", "# first"], ["ARG V=1"]]))]
    for index in range(draw(st.integers(1, 3))):
        rows.append(draw(st.sampled_from(["FROM base", f"from --platform=$P base:1 As s{index}", "\tFROM base"])))
        for _ in range(draw(st.integers(0, 5))):
            rows += draw(st.sampled_from([[], [], ["# why"], ["  # why", "#"], [""], ["# far", " "]]))
            rows.append(draw(_indents) + draw(_instruction(escape)))
    text = "\n".join(rows) + draw(st.sampled_from(["", "\n", "\n\n", "\n# end", f"\nCMD x {escape}"]))
    bom = draw(st.sampled_from(["", "", "\ufeff"]))
    return bom + (text.replace("\n", "\r\n") if draw(st.booleans()) else text)


_fragments = st.one_of(
    st.sampled_from(
        ["FROM ", "FROM x\n", "RUN ", "COPY ", "ENV ", "ARG ", "ONBUILD ", "x", "a=b", "--", "--link ", "="]
    ),
    st.sampled_from(["<<EOF", "<<-'E'", "EOF\n", "E\n", "[", "]", '"', "'", "$", "{", "}", "# escape=`\n", "#"]),
    st.sampled_from(["\\", "`", "\n", "\r\n", " ", "\t", "\ufeff", "\udc80", "\xa0", "\x0b", "\u2028", "\0"]),
)


def mangled() -> st.SearchStrategy[str]:
    """Text made of what Dockerfiles are made of, in any order."""
    return st.lists(_fragments, max_size=25).map("".join)
