"""``make TARGET``: the recipes of the project's makefile are followed like scripts, each line in a shell of its own.

What make decides by the age of files is not known, for a build context has no time stamps that count: a target is
followed if its recipe surely runs, being declared phony or having no file of its name. (A file that only the base image
or a mount brings is there before and after a change; the recipe then does less than is said here, both times.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.analysis.environment import loader_reads, path_probes
from reorder.analysis.functions import MAX_EFFECTS
from reorder.analysis.scripts import read_plain_text, run_text, tell_where
from reorder.analysis.shell_state import Shell
from reorder.analysis.view import ContainerView, Layer, Mounted, layer_of
from reorder.effects import SYSTEM_TREES, Effects, PathSet, is_within, join
from reorder.manager import UNKNOWN, View, is_known, parse_options
from reorder.manifests.make_variables import MakefileError, Scope, Variable
from reorder.manifests.makefile import Makefile, Rule, implicit_sources, is_plain_name, parse_makefile, plain_name

_SLUG = "runs-project-code"
_NAMES = ("GNUmakefile", "makefile", "Makefile")
_INCLUDE_FOLDERS = ("/usr/gnu/include", "/usr/local/include", "/usr/include")
_MAX_LINES = 400
_SWITCHES = frozenset(
    "-s --silent --quiet -k --keep-going -S --no-keep-going -r --no-builtin-rules -w --print-directory"
    " --no-print-directory --warn-undefined-variables --trace".split()
)
_VALUED = frozenset(("-C", "--directory", "-f", "--file", "--makefile"))
_ON_COMMAND_LINE = re.compile(r"(\w+)(:?)=(.*)", re.ASCII | re.DOTALL)
_SHELL = re.compile(r"(?:(?:/usr)?(?:/local)?/bin/)?(?:env +)?(?:sh|bash|dash|ash)")
_SHELL_FLAGS = re.compile(r"(?:-[euxo]+ (?:pipefail )?)*-[eux]*c")
_PREFIXES = re.compile(r"[ \t@+-]*")
_SYSTEM_FOLDERS = tuple(f"{tree}/" for tree in SYSTEM_TREES)
_ROOT_NAMES = frozenset("home mnt media opt root srv tmp usr var .dockerenv".split())

_OFFICIAL = re.compile(
    r"(?:docker\.io/|public\.ecr\.aws/docker/|mirror\.gcr\.io/)?(?:library/)?"
    r"(?:python|node|debian|ubuntu|alpine|golang|rust|ruby|php|buildpack-deps|fedora|rockylinux|almalinux|amazonlinux"
    r"|openjdk|eclipse-temurin|maven|gradle)(?:[:@].*)?"
)
_INHERITED = re.compile(
    r"(?:PYTHON_|NODE_|YARN_|GO[A-Z]|RUST|CARGO|RUBY_|GEM_|BUNDLE_|PHP|APACHE_|JAVA_|MAVEN_|GRADLE_|GPG_|LC_|LANG"
    r"|BUILDKIT|SOURCE_DATE)\w*|_|HOSTNAME|TERM|USER|LOGNAME|SHLVL|PWD|OLDPWD|PATH|HOME|(?:\w+_)?(?:PROXY|proxy)"
)
"""Variables that official images, builders and shells set (the images' Dockerfiles; Dockerfile reference, ARG)."""


def run_make(argv: tuple[str, ...], shell: Shell, env: dict[str, str]) -> None:
    """Add the effects of ``make``; ``env`` are the variables that it is given."""
    tool = argv[0].rpartition("/")[2]
    shell.add(Effects(reads=loader_reads(env, shell.cwd) | (PathSet() if "/" in argv[0] else path_probes(tool, env))))
    try:
        if not is_known("".join(argv)):
            raise MakefileError("with arguments that only a build can tell")
        if len(shell.effects) > MAX_EFFECTS:
            raise MakefileError("from makefile to makefile too often to follow")
        _start(_parse_arguments(argv, env), shell, env)
    except _NoMakefileError:
        shell.block("unknown-command", f"{tool} has no known makefile: it may read and write any file")
    except MakefileError as error:
        shell.block(_SLUG, f"it runs {tool}, {error.why}")


class _NoMakefileError(MakefileError):
    """There is no makefile, as far as is known."""


class _Request(NamedTuple):
    """What make is asked to do: ``settings`` are the variables of its command line."""

    program: str
    goals: tuple[str, ...]
    settings: Mapping[str, Variable]
    flags: str
    directories: tuple[str, ...]
    file: str | None


def _parse_arguments(argv: tuple[str, ...], env: Mapping[str, str]) -> _Request:
    """Take apart the command line, behind what an outer make or an ENV has put into MAKEFLAGS (section 9.8)."""
    for name in ("MAKEFILES", "GNUMAKEFLAGS", "VPATH", "GPATH", ".RECIPEPREFIX", ".SHELLFLAGS"):
        if env.get(name):
            raise MakefileError(f"with {name} in the environment")
    flags = env.get("MAKEFLAGS", "").split()
    if flags and not flags[0].startswith("-") and "=" not in flags[0]:
        flags[0] = "-" + flags[0]
    inherited = parse_options(_without_jobs(flags), valued=frozenset(), switches=_SWITCHES)
    options = parse_options(_without_jobs(argv[1:]), valued=_VALUED, switches=_SWITCHES)
    if unknown := (*inherited.unknown, *options.unknown):
        raise MakefileError(f"with the option {unknown[0].replace(UNKNOWN, '$…')}, which is not followed")
    goals: list[str] = []
    settings: dict[str, Variable] = {}
    for word in (*inherited.positionals, *options.positionals):
        if found := _ON_COMMAND_LINE.fullmatch(word):
            if not re.fullmatch(r"[\w./:=@%+,~ '\"<>-]*", found[3]):
                raise MakefileError(f"with a value of {found[1]} that is not understood")
            settings[found[1]] = Variable(found[3], "command line", is_simple=True)
        elif "=" in word or not is_plain_name(word):
            raise MakefileError(f"with the argument {word[:40]}, which is not followed")
        else:
            goals.append(plain_name(word))
    files = [v for name in ("-f", "--file", "--makefile") for v in options.values.get(name, ())]
    if len(files) > 1 or "-" in files:
        raise MakefileError("with more than one makefile or its standard input")
    places = (*options.values.get("-C", ()), *options.values.get("--directory", ()))
    words = [f"{name}={variable.value}" for name, variable in settings.items()]
    passed = " ".join(("--", *words)) if words else ""
    if any(re.search(r"[ '\"<>]", word) for word in words):
        passed = UNKNOWN  # how make quotes them is not followed
    return _Request(argv[0], tuple(goals), settings, passed, places, files[0] if files else None)


def _without_jobs(words: tuple[str, ...] | list[str]) -> list[str]:
    """The words without ``-j``, whose number may follow in a word of its own, and ``-O``, which has it attached."""
    kept: list[str] = []
    for index, word in enumerate(words):
        if re.fullmatch(r"-j\d*|--jobs(?:=\d+)?|-l[\d.]+|-O\w*|--output-sync(?:=\w+)?", word):
            continue
        if word.isdigit() and index and words[index - 1] in ("-j", "--jobs"):
            continue
        kept.append(word)
    return kept


def _start(request: _Request, shell: Shell, env: dict[str, str]) -> None:
    """Find the makefile, read it and run what is wanted."""
    inside = shell.child(env)
    inside.calls = []
    for directory in request.directories:
        place = join(inside.cwd, directory)
        inside.state = inside.state._replace(cwd=place)
        inside.add(Effects(reads=PathSet.of(place)))
    name, text = _find_makefile(request, inside)
    start = len(shell.effects)
    try:
        makefile = parse_makefile(text, _scope(request, inside, env))
        _check_shell(makefile.scope)
        run = _Run(makefile, inside, request, env)
        run.check_files_of_rules(name)
        for goal in request.goals or run.default_goals():
            run.update(goal)
    except MakefileError as error:
        raise MakefileError(f"and {name} {error.why}") from None
    tell_where(name, start, shell)


def _find_makefile(request: _Request, shell: Shell) -> tuple[str, str]:
    for name in [request.file] if request.file else _NAMES:
        path = join(shell.cwd, name)
        shell.add(Effects(reads=PathSet.of(path)))
        if shell.view().find(path) is None and not request.file:
            continue
        text = read_plain_text(path, shell)
        if text is None:
            raise MakefileError(f"and {name} is no plain file that comes unchanged from the build context")
        shell.add(Effects(evidence=(f"the recipes of {name} are followed",)))
        return name, text
    raise _NoMakefileError


def _scope(request: _Request, shell: Shell, env: Mapping[str, str]) -> Scope:
    base = shell.around.base
    is_official = _OFFICIAL.fullmatch(base) is not None

    def may_be_set(name: str) -> bool:
        return not is_official or _INHERITED.fullmatch(name) is not None

    given = {"PATH": UNKNOWN, "HOME": shell.home, **env}
    hidden = ("SHELL", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PWD", "OLDPWD", "CURDIR", "MAKE")
    variables = {n: Variable(v, "environment") for n, v in given.items() if n not in hidden}
    own = {"MAKE": request.program, "CURDIR": shell.cwd, "RM": "rm -f", "MAKECMDGOALS": " ".join(request.goals)}
    for name, value in own.items():
        variables.setdefault(name, Variable(value, "default", is_simple=True))
    return Scope({**variables, **request.settings}, may_be_set)


def _check_shell(scope: Scope) -> None:
    """Raise `MakefileError` unless recipes are run by a shell that is followed (section 5.3.2)."""
    own, flags = scope.variables.get("SHELL"), scope.variables.get(".SHELLFLAGS")
    if own is not None and not _SHELL.fullmatch(scope.expand(own.value).strip()):
        raise MakefileError("has a SHELL that is not followed")
    if flags is not None and not _SHELL_FLAGS.fullmatch(" ".join(scope.expand(flags.value).split())):
        raise MakefileError("has .SHELLFLAGS that are not followed")


@dataclass(slots=True)
class _Run:
    """One run of make over its makefile; ``done`` are the targets that it has looked at, ``busy`` those it is at."""

    makefile: Makefile
    shell: Shell
    request: _Request
    env: Mapping[str, str]
    done: set[str] = field(default_factory=set)
    busy: list[str] = field(default_factory=list)
    lines: int = 0

    def default_goals(self) -> tuple[str, ...]:
        """What is made if nothing is asked for."""
        goal = self.makefile.goal
        if not goal or not is_plain_name(goal):
            raise MakefileError("has no first target that is understood")
        return (goal,)

    def check_files_of_rules(self, name: str) -> None:
        """Raise `MakefileError` if make may make its makefile first, or there is more of it (sections 3.3, 3.5)."""
        for each in (name, *self.makefile.optional):
            path = join(self.shell.cwd, each)
            if any(join(self.shell.cwd, target) == path for target in self.makefile.rules):
                raise MakefileError(f"makes {each} itself")
            self.check_implicit(each)
        for each in self.makefile.optional:
            # a file that is not found here is looked for in the system's folders
            places = [join(folder, each) for folder in (self.shell.cwd, *_INCLUDE_FOLDERS)]
            if any(self.shell.view().find(place) is not None for place in places):
                raise MakefileError("includes other files")
            self.shell.add(Effects(reads=PathSet.of(*places)))

    def update(self, target: str) -> None:
        """Make a target: what it needs first, and each target once (section 2.3)."""
        if target in self.done:
            return
        if target in self.busy or len(self.busy) > 100:
            raise MakefileError(f"has targets that need one another: {target}")
        rule = self.makefile.rules.get(target, Rule())
        if rule.odd:
            raise MakefileError(f"{rule.odd} (for {target})")
        if not is_plain_name(target):
            raise MakefileError(f"has a prerequisite that is not understood: {target[:40]}")
        self.busy.append(target)
        for needed in (*rule.needs, *rule.order_only):
            self.update(needed)
        self.busy.pop()
        self.done.add(target)
        self._make(target, rule)

    def _make(self, target: str, rule: Rule) -> None:
        is_phony = target in self.makefile.phony
        if rule.recipe is None:
            if not is_phony:
                self.check_implicit(target)
                if target not in self.makefile.rules:
                    self._find_source(target)
            return
        if not is_phony and self._may_exist(target):
            raise MakefileError(f"makes {target} or not by the age of files")
        for line in rule.recipe:
            self._run_line(line, target, rule)

    def check_implicit(self, target: str) -> None:
        """Raise `MakefileError` if a pattern rule or a built-in one may make the target."""
        if self.makefile.may_be_made(target):
            raise MakefileError(f"may make {target} by a pattern rule")
        found = _Found.by(self.shell)  # once for the dozens of names that a built-in rule would look for
        if any(self._may_exist(source, found) for source in implicit_sources(target)):
            raise MakefileError(f"may make {target} by a built-in rule")

    def _find_source(self, name: str) -> None:
        """A file that there is no rule for has to be there."""
        if not self._may_exist(name):
            raise MakefileError(f"has no rule for {name}")
        self.shell.add(Effects(reads=PathSet.of(join(self.shell.cwd, name))))

    def _may_exist(self, name: str, found: _Found | None = None) -> bool:
        path = join(self.shell.cwd, name)
        if f"{path}/".startswith(_SYSTEM_FOLDERS) or (self.shell.cwd == "/" and name in _ROOT_NAMES):
            return True
        found = found or _Found.by(self.shell)
        return found.view.find(path) is not None or found.has_below(path)

    def _run_line(self, line: str, target: str, rule: Rule) -> None:
        scope = self.makefile.scope
        own = {"@": target, "<": rule.needs[0] if rule.needs else "", "^": " ".join(rule.needs)}
        text = scope.expand(line, own)
        text = text[len(_PREFIXES.match(text)[0]) :]  # type: ignore[index]
        if not text.strip():
            return
        self.lines += 1
        if not is_known(text):
            raise MakefileError(f"{scope.why_unknown(line)} (for {target})")
        if re.search(r"(?<!\\)(?:\\\\)*\n", text) or self.lines > _MAX_LINES:
            raise MakefileError(f"has a recipe that is not followed (for {target})")
        env = scope.environment(self.env)
        if "MAKEFLAGS" in env or self.request.flags:
            env["MAKEFLAGS"] = self.request.flags
        inner = self.shell.child(env)
        inner.calls = []
        run_text(text, inner)


class _Found(NamedTuple):
    """The files as the steps and the commands before have left them."""

    view: View
    layers: tuple[Layer, ...]

    @classmethod
    def by(cls, shell: Shell) -> _Found:
        view = shell.around.view
        made = (layer for effects in shell.effects if (layer := layer_of(effects)) is not None)
        return cls(shell.view(), (*made, *(view.layers if isinstance(view, ContainerView) else ())))

    def has_below(self, path: str) -> bool:
        """Whether something has been put below ``path``, which is then a directory."""
        for layer in self.layers:
            if isinstance(layer, PathSet):
                if layer.everything or any(is_within(each, path) for each in (*layer.files, *layer.trees)):
                    return True
            elif is_within(layer.target if isinstance(layer, Mounted) else layer.dest, path):
                return True
        return False
