"""``make TARGET``: its recipes stand for it, or it is a barrier."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from run_effects import run_effects

from reorder.analysis import makefiles
from reorder.analysis.shell_state import Shell
from reorder.effects import Effects


def effects_of(
    run: str, makefile: str = "", *, head: str = "", files: dict[str, str] | None = None, base: str = "debian:12"
) -> Effects:
    """What ``RUN run`` does below ``COPY . .`` of a context with that Makefile."""
    context = {"Makefile": makefile, **(files or {})}
    return run_effects(run, context, head=("WORKDIR /app", *head.splitlines()), base=base)


def written(effects: Effects) -> set[str]:
    assert effects.blocks == ()
    return set(effects.writes.files)


@pytest.mark.parametrize(
    ("run", "makefile", "expected"),
    [
        ("make t", "t:\n\ttouch /a\n\ttouch /b\n", {"/a", "/b"}),
        ("make", ".PHONY: t\nt:\n\ttouch /a\nu:\n\ttouch /b\n", {"/a"}),
        ("make", ".DEFAULT_GOAL := u\nt:\n\ttouch /a\nu:\n\ttouch /b\n", {"/b"}),
        ("make t u", "t:\n\ttouch /a\nu:\n\ttouch /b\n", {"/a", "/b"}),
        ("gmake t", "t:\n\ttouch /a\n", {"/a"}),
        ("/usr/bin/make t", "t:\n\ttouch /a\n", {"/a"}),
        ("make -s -j4 -k --no-print-directory t", "t:\n\ttouch /a\n", {"/a"}),
        ("make -j 4 t", "t:\n\ttouch /a\n", {"/a"}),
        ("make all", "all: d | o\nd:\n\ttouch /d\no:\n\ttouch /o\n", {"/d", "/o"}),
        ("make t", "t: ; touch /a\n\ttouch /b\n", {"/a", "/b"}),
        ("make t", "t:\n\t@-touch /a\n\t- @ touch /b\n", {"/a", "/b"}),
        ("make t", "t:\n\ttouch /a \\\n\t  /b\n\n# note\n\ttouch /c\n", {"/a", "/b", "/c"}),
        ("make t", "t:\n\tcd /srv\n\ttouch f\n\tcd /srv && touch g\n", {"/app/f", "/srv/g"}),
        ("make t", "D = /d\nt:\n\ttouch $(D)/$@ ${D}/x\n", {"/d/t", "/d/x"}),
        ("make t", "A := /a\nB = $(A)\nA = /c\nC := $(B)\nA += x\nt:\n\ttouch $(C)\n", {"/c"}),
        ("make t", "D ?= /d\nt:\n\ttouch $D/f\n", {"/d/f"}),
        ("D=/e make t", "D ?= /d\nt:\n\ttouch $(D)/f\n", {"/e/f"}),
        ("D=/e make t", "D = /d\nt:\n\ttouch $(D)/f $$D/g\n", {"/d/f", "/d/g"}),
        ("make t D=/e", "D = /d\nt:\n\ttouch $(D)/f\n\ttouch $$D/g\n", {"/e/f", "/e/g"}),
        ("make t", "export D := /d\nt:\n\ttouch $$D/f\n", {"/d/f"}),
        ("make t", "D = /d\nexport\nt:\n\ttouch $$D/f\n", {"/d/f"}),
        ("make t", "export D\nD ?= /d\nt:\n\ttouch /x$(D)\n", {"/x"}),
        ("make t", "SHELL := /bin/bash\n.SHELLFLAGS := -eu -o pipefail -c\nt:\n\ttouch /a\n", {"/a"}),
        ("make t", "t: list\n\ttouch /$<\n", {"/list"}),
        ("make t", "t:\n\t$(MAKE) u D=/d\nu:\n\tmake v\nv:\n\ttouch $(D)/f\n", {"/d/f"}),
        ("make -C in t", "t:\n\ttouch /no\n", {"/app/in/f"}),
        ("cd in && make t", "t:\n\ttouch /no\n", {"/app/in/f"}),
        ("make -f in/Makefile t", "t:\n\ttouch /no\n", {"/app/f"}),
        ("make t", "t: requirements\n\ttouch /t\nrequirements:\n\ttouch $(CURDIR)/r\n", {"/t", "/app/r"}),
        ("make t", "S = $(shell date)\nt:\n\ttouch /a\nu:\n\techo $(S) $(foreach x,y,$(x))\n", {"/a"}),
        ("make t", "%.o: %.c\n\tcc $<\nu: V = 1\nu::\n\tx\nt:\n\ttouch /a\n", {"/a"}),
        ("make t", "-include .env\nt:\n\ttouch /a\n", {"/a"}),
        ("make t", "ifeq ($(OS),Windows_NT)\nD = /w\ninclude x\nelse\nD = /d\nendif\nt:\n\ttouch $(D)\n", {"/d"}),
        ("make t", "t:\n\ttouch /a\nifdef X\n\ttouch /b\nelse\n\ttouch /c\nendif\n\ttouch /d\n", {"/a", "/c", "/d"}),
        ("make t X=1", "ifdef Y\nelse ifeq '$(X)' \"1\"\nD=/x\nelse\nD=/y\nendif\nt:\n\ttouch $(D)\n", {"/x"}),
        ("make t", "ifndef X\nifeq (a, b)\nelse\nD = /d\nendif\nendif\nt:\n\ttouch $(D)\n", {"/d"}),
        ("make ./t", "t: ./u\n\ttouch /$@\n./u: ; touch /$@\n", {"/t", "/u"}),
        ("make t", "define TEXT\nifeq\nendef\nexport TEXT\nt:\n\ttouch /a\n", {"/a"}),
    ],
)
def test_a_target_does_what_its_recipes_do(run: str, makefile: str, expected: set[str]) -> None:
    inner = {"in/Makefile": "t:\n\ttouch f\n", "list": ""}
    assert written(effects_of(run, makefile, files=inner)) == expected


def test_the_makefile_and_what_make_looks_for_first_are_read() -> None:
    effects = effects_of("make t", "t: list\n\tcp list /l\n", files={"list": "", "other": ""})
    assert {"/app/GNUmakefile", "/app/makefile", "/app/Makefile", "/app/list"} <= set(effects.reads.files)
    assert not effects.reads.has("/app/other")
    assert not effects.reads.everything


def test_without_a_makefile_nothing_is_known() -> None:
    assert {block.slug for block in effects_of("make -C nowhere t", "t:\n\ttrue\n").blocks} == {"unknown-command"}


def test_the_first_of_the_three_names_counts() -> None:
    files = {"GNUmakefile": "t:\n\ttouch /gnu\n", "makefile": "t:\n\ttouch /small\n"}
    assert written(effects_of("make t", "t:\n\ttouch /big\n", files=files)) == {"/gnu"}
    assert written(effects_of("make t", files={"makefile": files["makefile"]})) == {"/small"}


@pytest.mark.parametrize(
    ("makefile", "why"),
    [
        ("include x.mk\nt:\n\ttrue\n", "includes other files"),
        ("-include y.c\nt:\n\ttrue\n", "includes other files"),
        ("ifdef PYTHON_VERSION\nY = 1\nendif\nt:\n\ttrue\n", "conditionals"),
        ("ifneq (,$(wildcard .env))\ninclude .env\nendif\nt:\n\ttrue\n", "conditionals"),
        ("t:\n\ttrue\nifeq ($(LANG),C)\n\tfalse\nendif\n", "conditionals"),
        ("ifdef X\nt:\n\ttrue\n", "conditionals"),
        ("endif\nt:\n\ttrue\n", "conditionals"),
        ("ifeq ($(shell uname),Linux)\nendif\nt:\n\ttrue\n", "$(shell"),
        ("-include .env\nt:\n\ttrue\n.env:\n\ttrue\n", "makes .env itself"),
        ("ifdef X\ndefine Y\nendif\nendef\nendif\nt:\n\ttrue\n", "many lines"),
        ("V := $(shell date)\nt:\n\ttrue\n", "$(shell"),
        ("A = $(shell date)\nV := $(A)\nt:\n\ttrue\n", "$(shell"),
        ("V := $(wildcard $(dir $(shell date)))\nt:\n\ttrue\n", "$(shell"),
        ("export V = $(shell date)\nt:\n\ttrue\n", "$(shell"),
        ("V != date\nt:\n\ttrue\n", "!="),
        ("t:\n\techo $(shell date)\n", "$(shell"),
        ("t:\n\techo $(wildcard *)\n", "$(wildcard"),
        ("$(eval X = 1)\nt:\n\ttrue\n", "$(eval"),
        ("$(info hello)\nt:\n\ttrue\n", "not understood"),
        ("t: $(wildcard *.txt)\n\ttrue\n", "$(wildcard"),
        ("t: *.txt\n\ttrue\n", "not understood"),
        ("t: V = 1\nt:\n\ttrue\n", "variables for a target"),
        ("t:: \n\ttrue\n", "double-colon"),
        ("t u &: \n\ttrue\n", "grouped"),
        ("t: %.o: %.c\n\ttrue\n", "static pattern"),
        ("%: %.in\n\ttrue\nt:\n\ttrue\n", "pattern rule"),
        ("t: x.o\n\ttrue\n%.o: %.z\n\ttrue\n", "pattern rule"),
        (".z.o:\n\ttrue\n.SUFFIXES: .z\nt: x.o\n\ttrue\n", "no rule for x.o"),
        (".c.o:\n\ttrue\nt: x.o\n\ttrue\n", "pattern rule"),
        ("t: y.o\n\ttrue\n", "built-in rule"),
        (".ONESHELL:\nt:\n\ttrue\n", ".ONESHELL"),
        (".SECONDEXPANSION:\nt:\n\ttrue\n", ".SECONDEXPANSION"),
        ("VPATH = src\nt:\n\ttrue\n", "directories"),
        ("vpath %.c src\nt:\n\ttrue\n", "directories"),
        ("SHELL = python3\nt:\n\ttrue\n", "SHELL"),
        (".SHELLFLAGS = -lc\nt:\n\ttrue\n", ".SHELLFLAGS"),
        ("MAKEFLAGS += -e\nt:\n\ttrue\n", "MAKEFLAGS"),
        (".RECIPEPREFIX = >\nt:\n>true\n", ".RECIPEPREFIX"),
        ("override V = 1\nt:\n\ttrue\n", "override"),
        ("N = V\n$(N) = 1\nt:\n\ttrue\n", "not understood"),
        ("$(N):=1\nt:\n\ttrue\n", "not understood"),
        ("V = a\\#b\nt:\n\ttrue\n", "escaped #"),
        ("t:\n\ttrue\nt:\n\tfalse\n", "two recipes"),
        ("t: u\nu: t\n", "one another"),
        ("t: gone\n\ttrue\n", "no rule for gone"),
        ("V = $(V)\nt:\n\techo $(V)\n", "itself"),
        ("Makefile: x\n\ttrue\nt:\n\ttrue\n", "Makefile itself"),
        ("define X\n\ttouch /a\n\ttouch /b\nendef\nt:\n\t$(X)\n", "not followed"),
        ("t:\n\techo $(?)\n", "only a build can tell"),
        ("t:\r\n\ttrue\r\n", "no plain file"),
        ("#" * 70000 + "\nt:\n\ttrue\n", "no plain file"),
        ("u:\n\ttrue\n", "no rule for t"),
        ("t:\n\t$(MAKE) t\n", "too often|nested"),
    ],
)
def test_what_is_not_followed_is_a_barrier_that_names_it(makefile: str, why: str) -> None:
    effects = effects_of("make t", makefile, files={"y.c": ""})
    assert effects.reads.everything
    assert any(word in block.why for block in effects.blocks for word in why.split("|")), effects.blocks


@pytest.mark.parametrize(
    "run",
    [
        "make -B t", "make -e t", "make -n t", "make -f Makefile -f x t", "make --eval=x t", "make V+=1 t",
        "make $X t", "MAKEFLAGS=e make t", "MAKEFILES=x make t", "VPATH=x make t", "make 't%'", "make -f - t",
        "make -I in t", "make 'V=$(shell date)' t", "rm Makefile && make t",
        "echo >Makefile && make t",
    ],
)  # fmt: skip
def test_calls_that_are_not_followed(run: str) -> None:
    assert {block.slug for block in effects_of(run, "t:\n\ttouch /a\n").blocks} == {"runs-project-code"}


@pytest.mark.parametrize(
    ("run", "head", "files"),
    [
        ("make t", "", {"t": ""}),
        ("make t", "", {"t/x": ""}),
        ("make t", "RUN mkdir -p /app/t/x", {}),
        ("make t", "RUN touch /app/t", {}),
        ("mkdir -p t/x; make t", "", {}),
        ("make t", "RUN ./unknown", {}),
        ("make t", "COPY --from=other /x /app/t", {}),
        ("make u t", "", {}),
    ],
)
def test_the_age_of_files_decides_nothing(run: str, head: str, files: dict[str, str]) -> None:
    makefile = "t:\n\ttouch /a\nu:\n\ttouch t\n"
    assert effects_of(run, makefile, head=head, files=files).blocks
    assert not effects_of(run, ".PHONY: t u\n" + makefile, files=files).blocks


def test_what_an_image_may_set_is_not_known() -> None:
    makefile = "P ?= /p\nt:\n\ttouch $(P)\n"
    assert written(effects_of("make t", makefile, base="python:3.11-slim")) == {"/p"}
    assert effects_of("make t", makefile, base="registry.example.com/base:1").blocks
    assert effects_of("make t", makefile.replace("P", "PYTHON_VERSION")).blocks
    assert effects_of("make t", makefile, head="ARG P=/q").blocks
    assert written(effects_of("make t", makefile, head="ENV P=/q")) == {"/q"}


def test_a_reason_says_in_which_file_it_lies() -> None:
    effects = effects_of("make t", "t:\n\t./tool\n", files={"tool": "#!/usr/bin/perl\n"})
    assert [block.why for block in effects.blocks] == ["Makefile: it runs ./tool, which is no shell script"]


REAL = [
    ("A = 1\nB := $(A)2\nA = 3\nt:\n\techo $(A) ${B} $$C $@\n", "t", ""),
    ("V ?= x\nV ?= y\nV += z\nW += q\nW += $(V)\nV = last\nt:\n\techo $(V) $W $(W)\n", "t", ""),
    ("V += $(L)\nL = late\nt:\n\techo $(V)\n", "t", "V=env"),
    ("V += x\nt:\n\techo $(V)\n", "t V=cmd", "V=env"),
    ("all: b\nall: a\n\techo $^ $<\na:\n\techo a\nb:\n\techo b\n", "all", ""),
    (
        ".PHONY: x\nx: y | z\n\t-echo one\n\n# note\n\techo two; \\\n\t  echo three\n\t@ - echo 4\ny:;@echo y\nz: ;\n",
        "x",
        "",
    ),
    ("A = a \\\n   b\\\n  c # comment\nt:\n\techo $(A) # kept\n", "", ""),
    ("Q := @\nR = $(Q)echo\nt:\n\t$(R) x\n\t$(Q)\n", "t", ""),
    ("x := a$$b\ny = $(x)$$c\nt:\n\techo '$(y)'\n", "t", ""),
    ("T = $(B)t\nB = $(C)\nC = deep\n$(T): ;@echo $(B)\n", "deept", ""),
    ("t:\n\techo\nt: list\n\t\n%: %.c\n", "u", ""),
    ("export A\nA ?= 1\nt:\n\techo [$(A)]\n", "t", ""),
    ("X =\nifdef X\nA=1\nelse ifndef Y\nA=2\nelse\nA=3\nendif\nt:\n\techo $(A)\n", "t", ""),
    ("ifeq (a , a)\nA=1\nendif\nifneq (x,$(V)) # yes\nB=1\nendif\nt:\n\techo $(A) $(B)\n", "t", "V=x"),
    ("ifeq '' \"\"\nA=1\nelse\nifeq\nendif\nA=3\nendif\nt:\n\techo $(A)\n", "t", ""),
    ("t:\n\techo 1\nifdef X\n\techo 2\nendif\n\techo 3\nifndef X\n\techo 4\nu:\n\techo 5\nendif\n", "t u", ""),
    ("  ifdef X\n  A=1\n  else\n  A=2\n  endif\nt:\n\techo $(A)\n", "t", "X=1"),
    ("./a: ./b\n\techo $@ $<\nb:\n\techo $@\n", "./a", ""),
    ("t:\n\techo a \\\n\\\n\techo b\n", "t", ""),
]


@pytest.mark.skipif(not shutil.which("make"), reason="needs GNU make")
@pytest.mark.parametrize(("makefile", "args", "env"), REAL)
def test_real_make_would_run_the_same_lines(
    makefile: str, args: str, env: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def note(text: str, shell: Shell) -> None:
        found.append(text)

    monkeypatch.setattr(makefiles, "run_text", note)
    effects = effects_of(f"{env} make {args}", makefile, files={"list": ""})
    (tmp_path / "Makefile").write_text(makefile)
    (tmp_path / "list").touch()
    given = {"PATH": "/usr/bin:/bin", **dict(pair.split("=") for pair in env.split())}
    command = ["make", "-n", "--no-print-directory", *args.split()]
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=False)
    if "***" in done.stderr or "overriding" in done.stderr:
        assert effects.blocks
    else:
        lines = re.sub(r"make: (?:Nothing|'\w+' is).*\n", "", done.stdout)
        assert "".join(f"{line}\n" for line in found) == lines, effects.blocks


@pytest.mark.skipif(not shutil.which("make"), reason="needs GNU make")
@pytest.mark.parametrize(
    ("makefile", "args", "env"),
    [
        ("A=1\nexport B = $(A)2\nC=3\n", "t", "C=0"),
        ("A=1\n", "t A=5 Z=2", "C=0"),
        ("export\nA=1\nB:=x\nunexport B\n", "t", "Q=9"),
        (".EXPORT_ALL_VARIABLES:\nA=1\n", "t", "Q=9"),
        ("export A\nA?=1\nunexport Q\n", "t", "Q=9"),
        ("Q+=1\nexport U\nR ?= 1\n", "t", "Q=9 R=8"),
        ("A=1\nexport A\nu:\n\t@$(MAKE) -s t X=1\n", "u Y=7", ""),
        ("Q:=f\nu:\n\t@make -s t\n", "u Q=c", ""),
        ("Q = $(L)\nL=late\n", "t", "Q=1"),
        ("", "t", "Q=$L L=1"),
    ],
)
def test_real_make_gives_its_recipes_the_same_variables(
    makefile: str, args: str, env: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makefile += "t:\n\t@env\n"
    found: list[dict[str, str]] = []
    run_text = makefiles.run_text

    def note(text: str, shell: Shell) -> None:
        found.append(shell.environment)
        run_text(text, shell)

    monkeypatch.setattr(makefiles, "run_text", note)
    settings = " ".join(f"{name}='{value}'" for name, value in (pair.split("=") for pair in env.split()))
    effects_of(f"{settings} make {args}", makefile)
    (tmp_path / "Makefile").write_text(makefile)
    given = {"PATH": "/usr/bin:/bin", **dict(pair.split("=") for pair in env.split())}
    command = ["make", "--no-print-directory", *args.split()]
    done = subprocess.run(command, cwd=tmp_path, env=given, capture_output=True, text=True, check=True)
    real = dict(line.split("=", 1) for line in done.stdout.splitlines())
    names = set("ABCLQRUXYZ")
    assert {n: v for n, v in found[-1].items() if n in names} == {n: v for n, v in real.items() if n in names}
