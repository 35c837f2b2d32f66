"""The judge of divided RUNs catches planted breakages, and the cutter leaves alone what cannot be cut."""

from __future__ import annotations

import pytest

from reorder import Changed, Settings, Unchanged, fix_text
from reorder.analysis.steps import analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.rewriting.check import CheckError, check_rewrite
from reorder.source import Source

FILES = {
    "requirements.txt": "idna\n",
    "app.py": "#!/usr/bin/env python3\n",
    "web/requirements.txt": "idna\n",
    "pyproject.toml": "",
}
OLD = """\
FROM python:3.11-slim
WORKDIR /app
COPY . .
RUN --mount=type=secret,id=s set -e; cd web; export A=1; \\
    pip install -r ../requirements.txt; \\
    # run it
    B=2 ./app.py && ./more
CMD ["x"]
"""
GOOD = """\
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=secret,id=s set -e; cd web; export A=1; \\
    pip install -r ../requirements.txt
COPY . .
# run it
RUN --mount=type=secret,id=s set -e; cd web; export A=1; \\
    B=2 ./app.py && ./more
CMD ["x"]
"""
INSTALL = "\n    pip install -r ../requirements.txt\n"
PRELUDE = "s set -e; cd web; export A=1; \\\n    B=2"


def check(new_text: str, old_text: str = OLD) -> None:
    context = open_context(MemoryTree(FILES), None)
    old, new = parse(Source("Dockerfile", old_text)), parse(Source("Dockerfile", new_text))
    check_rewrite(old, analyze(old, context), new, analyze(new, context))


def test_a_right_division_passes() -> None:
    check(GOOD)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("B=2 ./app.py && ./more", "B=2 ./app.py", "not the end"),
        ("B=2 ./app.py && ./more", "./app.py && ./more", "not the end"),
        ("B=2 ./app.py && ./more", "B=2 ./app.py; ./more", "hang together"),
        ("B=2 ./app.py && ./more", "B=2 ./app.py && ./more && ./third", "not the end|beginning"),
        (INSTALL, "\n    pip install -r requirements.txt\n", "beginning|nowhere|not the end"),
        (INSTALL, "\n    true\n", "beginning|nowhere|not the end"),
        ("s set -e; cd web; export A=1; \\\n    B=2", "s B=2", "repeats something else"),
        ("# run it\n", "", "comment"),
        ("# run it\n", "# other\n", "comment"),
        ("--mount=type=secret,id=s set -e", "set -e", "lacks"),
        (PRELUDE, "s cd web; export A=1; B=2", "repeats something else"),
        (PRELUDE, "s set -e; export A=1; B=2", "repeats something else"),
        (PRELUDE, "s set -e; cd web; B=2", "repeats something else"),
        (PRELUDE, "s set -e; cd web; export A=2; B=2", "repeats something else"),
        (PRELUDE, "s set -e; cd web; export A=1; ./x; B=2", "repeats something else"),
        ("# run it\n", "USER app\n# run it\n", "build state|nowhere|changed"),
    ],
)  # fmt: skip
def test_a_planted_breakage_is_refused(before: str, after: str, why: str) -> None:
    position = GOOD.rindex(before)
    with pytest.raises(CheckError, match=why):
        check(GOOD[:position] + after + GOOD[position + len(before) :])


def test_a_run_that_appears_is_refused() -> None:
    with pytest.raises(CheckError, match=r"nowhere|changed"):
        check(GOOD.replace("CMD", "RUN ./x\nCMD"))


def outcome(run: str, *, unsafe: bool = False, between: str = "") -> Changed | Unchanged:
    text = f"FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n{between}RUN {run}\n"
    result = fix_text(text, MemoryTree(FILES), Settings(unsafe_fixes=unsafe))
    assert isinstance(result, (Changed, Unchanged)), result
    return result


@pytest.mark.parametrize(
    "run",
    [
        "cd web & pip install -r requirements.txt && ./app.py",
        "f() { ./app.py; }; pip install -r requirements.txt && f",
        "read X < app.py && pip install -r requirements.txt && ./app.py $X",
        "trap ./app.py EXIT && pip install -r requirements.txt && ./app.py",
        "pip install -r requirements.txt && ./app.py $$",
        "pip install -r requirements.txt && ./app.py ${OLDPWD}",
        "set -- a b && pip install -r requirements.txt && ./app.py $!",
        "A=$(date) && pip install -r requirements.txt && ./app.py $A",
        ": ${A:=1} && pip install -r requirements.txt && ./app.py $A",
        "((A=1)) && pip install -r requirements.txt && ./app.py $A",
        "if true; then A=1; fi && pip install -r requirements.txt && ./app.py $A",
        "{ cd web && pip install -r ../requirements.txt; } && ./app.py",
        "if [ -n $CI ]; then exit 0; fi; pip install -r requirements.txt && ./app.py",
        "test -f /x || exit 0; pip install -r requirements.txt && ./app.py",
        "test -f /x && umask 077; pip install -r requirements.txt; ./app.py",
        "[ -f /x ] && set -e; pip install -r requirements.txt; ./app.py",
        "set -- a b; shift; pip install -r requirements.txt && ./app.py $1",
        "A=1 : && pip install -r requirements.txt && ./app.py $A",
        "pip install -r requirements.txt && ./app.py ${?}",
        "[[ a =~ (a) ]] && pip install -r requirements.txt && ./app.py ${BASH_REMATCH[1]}",
        "pip install -r requirements.txt && ./app.py &",
        "sh -c 'sleep 9 &' && pip install -r requirements.txt && ./app.py",
        "pip install --target /dev/shm/libs -r requirements.txt && ./app.py",
        "--mount=type=tmpfs,target=/libs pip install --target /libs -r requirements.txt && ./app.py",
        "--mount=type=cache,target=/libs pip install --target /libs -r requirements.txt && ./app.py",
        "--mount=type=bind,target=/libs,rw pip install --target /libs -r requirements.txt && ./app.py",
        "exec 3>/tmp/x && pip install -r requirements.txt && ./app.py >&3",
        "eval A=1 && pip install -r requirements.txt && ./app.py",
        "printf -v A 1 && pip install -r requirements.txt && ./app.py $A",
        "apt-get update && apt-get install -y $(cat app.py)",
        "cat <<E > /tmp/x && pip install -r requirements.txt && ./app.py\nE",
        '["sh", "-c", "pip install -r requirements.txt && ./app.py"]',
    ],
)
def test_what_cannot_be_cut_stays(run: str) -> None:
    for unsafe in (False, True):
        result = outcome(run, unsafe=unsafe)
        kept = result.text if isinstance(result, Unchanged) else result.files[0].new
        assert f"RUN {run}\n" in kept


@pytest.mark.parametrize(
    ("run", "halves"),
    [
        ("pip install -r requirements.txt && ./app.py", ["pip install -r requirements.txt", "./app.py"]),
        ("(cd web && pip install -r requirements.txt) && ./app.py",
         ["(cd web && pip install -r requirements.txt)", "./app.py"]),
        ("A=1; export A && pip install -r requirements.txt && ./app.py",
         ["A=1; export A && pip install -r requirements.txt", "A=1; export A && ./app.py"]),
        ("cd web && pip install -r requirements.txt && cd .. && ./app.py",
         ["cd web && pip install -r requirements.txt", "cd web && cd .. && ./app.py"]),
        ("umask 022 && pip install -r requirements.txt && ./app.py && ./more",
         ["umask 022 && pip install -r requirements.txt", "umask 022 && ./app.py && ./more"]),
        ("mkdir -p /x || true; pip install -r requirements.txt && ./app.py",
         ["mkdir -p /x || true; pip install -r requirements.txt", "./app.py"]),
        ("pip install -r requirements.txt || exit 1; ./app.py",
         ["pip install -r requirements.txt || exit 1", "./app.py"]),
        ("--mount=TYPE=cache,TARGET=/root/.cache/pip pip install -r requirements.txt && ./app.py",
         ["--mount=TYPE=cache,TARGET=/root/.cache/pip pip install -r requirements.txt",
          "--mount=TYPE=cache,TARGET=/root/.cache/pip ./app.py"]),
        ("set -eu -o pipefail; pip install -r requirements.txt; ./app.py | tee log",
         ["set -eu -o pipefail; pip install -r requirements.txt", "set -eu -o pipefail; ./app.py | tee log"]),
    ],
)  # fmt: skip
def test_what_can_be_cut_is_cut(run: str, halves: list[str]) -> None:
    result = outcome(run)
    assert isinstance(result, Changed), result
    assert [line[4:] for line in result.files[0].new.splitlines() if line.startswith("RUN")] == halves


@pytest.mark.parametrize(
    "run",
    [
        "pip install -r requirements.txt; ./app.py",
        "set -e; true && pip install -r requirements.txt; ./app.py",
        "pip install -r requirements.txt && ./app.py; ./more",
        "pip install -r requirements.txt && ./app.py || ./more",
        "set -e; set +e; pip install -r requirements.txt; ./app.py",
        "set -- -e; pip install -r requirements.txt; ./app.py",
        "pip install -r requirements.txt; echo a > /no/such/folder/file; ./app.py",
    ],
)
def test_a_failure_that_is_ignored_today_makes_it_unsafe(run: str) -> None:
    safe, unsafe = outcome(run), outcome(run, unsafe=True)
    assert isinstance(safe, Unchanged)
    assert [refusal.slug for refusal in safe.refusals] == ["not-proven"]
    assert isinstance(unsafe, Changed)
    assert {change.safety.value for change in unsafe.changes} == {"unsafe"}


def test_a_shell_that_ends_on_failure_makes_it_safe() -> None:
    result = outcome(
        "pip install -r requirements.txt; ./app.py", between='SHELL ["/bin/bash", "-eo", "pipefail", "-c"]\n'
    )
    assert isinstance(result, Changed)
    assert {change.safety.value for change in result.changes} == {"safe"}


def test_a_carriage_return_stays() -> None:
    lines = (
        "FROM python:3.11-slim",
        "WORKDIR /app",
        "COPY . .",
        "RUN pip install -r requirements.txt && \\",
        "    ./app.py",
    )
    text = "".join(f"{line}\r\n" for line in lines)
    result = fix_text(text, MemoryTree(FILES))
    assert isinstance(result, Changed)
    assert result.files[0].new.replace("\r\n", "").isprintable()
    assert result.files[0].new.endswith("RUN pip install -r requirements.txt\r\nCOPY . .\r\nRUN ./app.py\r\n")
