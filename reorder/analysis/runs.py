"""The effects of a RUN: its script, command by command, with the shell's own state."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.analysis.environment import loader_reads, path_probes
from reorder.analysis.view import TouchedView, layer_of
from reorder.effects import NO_EFFECTS, SYSTEM_TREES, Effects, PathSet, Role, join
from reorder.manager import UNKNOWN, Call, View, find_manager, is_known
from reorder.shell.model import Command, Dynamic, Group, Item, Redirect, Script, Variable, Word
from reorder.shell.parse import parse_script
from reorder.shell.wrappers import unwrap
from reorder.source import Opaque

_SHELLS = frozenset(("sh", "bash", "ash", "dash"))
_INSTALLERS = tuple(
    """
    https://deb.nodesource.com/setup https://rpm.nodesource.com/setup https://astral.sh/uv/ https://sh.rustup.rs
    https://bun.sh/install https://deno.land/install.sh https://deno.land/x/install/install.sh
    https://get.pnpm.io/install.sh https://get.docker.com
    """.split()
)
"""Scripts piped into a shell that set up a package source or a tool in the system or the home directory.

By their published text they read and write nothing of the working directory.
"""

_HOME_NAMES = tuple(
    ".local .cache .config .cargo .rustup .bun .deno .npm .profile .bashrc .bash_profile .zshrc .zshenv".split()
)
_MAX_DEPTH = 8
_WILDCARDS = frozenset("*?[")


class Surroundings(NamedTuple):
    """What a RUN sees: the build state's part of it, and the files."""

    workdir: str
    env: dict[str, str]
    user: str
    home: str
    base: str
    view: View
    is_bare: bool


@dataclass(slots=True)
class _Shell:
    """The state of a running shell; a subshell works on a copy."""

    around: Surroundings
    cwd: str
    variables: dict[str, str]
    depth: int = 0
    previous: Command | None = None
    effects: list[Effects] = field(default_factory=list)

    def nested(self) -> _Shell:
        return _Shell(self.around, self.cwd, dict(self.variables), self.depth + 1, None, self.effects)

    def block(self, slug: str, why: str) -> None:
        self.effects.append(Effects.blocked(slug, why))


def adds_programs(effects: Effects) -> bool:
    """Whether a step may have put programs into the image that its base did not have."""
    return bool(effects.blocks) or effects.role in (Role.SYSTEM, Role.DOWNLOAD)


def start_effects(options: tuple[str, ...], home: str) -> Effects:
    """The files that a shell with these options reads when it starts (bash(1), INVOCATION)."""
    letters = "".join(option[1:] for option in options if option.startswith("-") and not option.startswith("--"))
    if not {"l", "i"}.intersection(letters) and "--login" not in options:
        return Effects()
    # a profile is code, and may read what lies beside it
    return Effects(reads=PathSet.of("/etc/profile", "/etc/bash.bashrc", trees=("/etc/profile.d", home)))


def run_effects(script: Script, around: Surroundings) -> Effects:
    """What a parsed shell script does."""
    shell = _Shell(around, around.workdir, dict(around.env))
    _run_items(script.items, shell)
    return _join(shell.effects)


def exec_effects(argv: tuple[str, ...], around: Surroundings) -> Effects:
    """What ``RUN ["program", "argument"]`` does."""
    shell = _Shell(around, around.workdir, dict(around.env))
    _run_program(argv, shell, shell.variables)
    return _join(shell.effects)


def _join(effects: Iterable[Effects]) -> Effects:
    total, is_mixed = NO_EFFECTS, False
    for each in effects:
        total |= each
        is_mixed = is_mixed or (each.role > Role.LOCAL and not each.blocks)
    if not (is_mixed and total.blocks):
        return total
    why = f"its RUN does more than install: {total.blocks[0].why}"
    return total._replace(blocks=(Opaque("install-chained-with-other-commands", why), *total.blocks))


def _run_items(items: tuple[Item, ...], shell: _Shell) -> None:
    for index, item in enumerate(items):
        is_piped = item.link == "pipe" or (index + 1 < len(items) and items[index + 1].link == "pipe")
        inner = shell.nested() if is_piped else shell
        inner.previous = shell.previous if item.link == "pipe" else None
        if isinstance(item, Group):
            _run_group(item, inner)
            shell.previous = None
        else:
            _run_command(item, inner)
            shell.previous = item


def _run_group(group: Group, shell: _Shell) -> None:
    for redirect in group.redirects:
        _apply_redirect(redirect, shell)
    if group.kind == "function":
        shell.block("shell-function", "it defines a shell function")
        return
    if group.kind == "test":
        for word in group.words:
            _read_operand(word, shell)
        return
    for word in group.words:
        _expand(word, shell)
    inner = shell.nested() if group.kind == "subshell" else shell
    before = (shell.cwd, dict(shell.variables))
    if group.kind in ("for", "while"):
        for name in _loop_variables(group):
            inner.variables[name] = UNKNOWN
    _run_items(group.items, inner)
    if group.kind in ("if", "for", "while", "case") and (shell.cwd, shell.variables) != before:
        if shell.cwd != before[0]:
            shell.block("working-directory-unknown", "a branch changes the working directory")
        for name in shell.variables:
            if shell.variables[name] != before[1].get(name):
                shell.variables[name] = UNKNOWN


def _loop_variables(group: Group) -> tuple[str, ...]:
    names = [word.literal for word in group.words[:1]]
    return tuple(name for name in names if name)


def _read_operand(word: Word, shell: _Shell) -> None:
    text = _expand(word, shell)
    if text.startswith("-") or not text:
        return
    if is_known(text):
        shell.effects.append(Effects(reads=PathSet.of(join(shell.cwd, text))))


def _run_command(command: Command, shell: _Shell) -> None:
    for redirect in command.redirects:
        _apply_redirect(redirect, shell)
    values = {name: _expand(word, shell) for name, word in command.assignments}
    if not command.words:
        shell.variables.update(values)
        return
    argv = _expand_words(command.words, shell)
    if not argv:
        return
    if argv[0] == "cd":
        _change_directory(argv, shell)
    elif argv[0] in ("export", "readonly", "declare", "typeset", "local"):
        _export(argv, shell)
    elif argv[0] in ("source", ".", "eval", "trap", "alias", "pushd", "popd"):
        shell.block("shell-state", f"{argv[0]} changes the shell in ways that are not followed")
    elif argv[0] in ("exit", "return", "break", "continue", "shift", "unset"):
        pass
    else:
        _run_program(argv, shell, {**shell.variables, **values})


def _change_directory(argv: tuple[str, ...], shell: _Shell) -> None:
    target = argv[1] if len(argv) > 1 else shell.around.home
    if target.startswith("-") or not is_known(target):
        shell.block("working-directory-unknown", f"cd {_show(target)}: the directory is not known")
    else:
        shell.cwd = join(shell.cwd, target)
        shell.variables["PWD"] = shell.cwd
        shell.effects.append(Effects(reads=PathSet.of(shell.cwd)))


def _export(argv: tuple[str, ...], shell: _Shell) -> None:
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if equals:
            shell.variables[name] = value


def _run_program(argv: tuple[str, ...], shell: _Shell, env: dict[str, str]) -> None:
    if not is_known(argv[0]):
        shell.block("unknown-command", f"the command {_show(argv[0])} is only known at build time")
        return
    unwrapped = unwrap(argv)
    if unwrapped is None:
        shell.block("unknown-command", f"{_show(' '.join(argv))[:60]} is not understood")
        return
    while unwrapped and "=" in unwrapped[0] and unwrapped[0].partition("=")[0].isidentifier():
        name, _, value = unwrapped[0].partition("=")
        env = {**env, name: value}
        unwrapped = unwrapped[1:]
    if not unwrapped:
        return
    tool = posixpath.basename(unwrapped[0])
    if tool in _SHELLS:
        _run_shell(unwrapped, shell)
        return
    if "/" in unwrapped[0] and (entry := shell.around.view.find(join(shell.cwd, unwrapped[0]))):
        if entry.context_path is not None or not _is_in_bin(unwrapped[0]):
            shell.block("runs-project-code", f"it runs {unwrapped[0]}, which may read any file")
            return
    elif "/" in unwrapped[0] and not _is_in_bin(unwrapped[0]):
        shell.block("runs-project-code", f"it runs {unwrapped[0]}, which is not known")
        return
    manager = find_manager(tool)
    if manager is None or manager.analyze is None:
        shell.block("unknown-command", f"{tool} is not known: it may read and write any file")
        return
    call = Call(
        argv=(tool, *unwrapped[1:]), program=unwrapped[0], cwd=shell.cwd, env=env, user=shell.around.user,
        home=env.get("HOME", shell.around.home), base=shell.around.base, view=_view(shell),
        is_bare=shell.around.is_bare and not any(map(adds_programs, shell.effects)),
    )  # fmt: skip
    effects = manager.analyze(call)
    probes = path_probes(tool, env) if "/" not in unwrapped[0] else PathSet()
    shell.effects.append(effects._replace(reads=effects.reads | probes | loader_reads(env, shell.cwd)))


def _view(shell: _Shell) -> View:
    """The files as the commands before have left them."""
    made = [layer for layer in map(layer_of, shell.effects) if layer is not None]
    if not made:
        return shell.around.view
    written = made[0]
    for layer in made[1:]:
        written |= layer
    return TouchedView(shell.around.view, written)


def _is_in_bin(program: str) -> bool:
    return posixpath.basename(posixpath.dirname(program)) in ("bin", "sbin", "Scripts", "shims")


def _run_shell(argv: tuple[str, ...], shell: _Shell) -> None:
    """``sh -c 'script'``; a script file or standard input is code that is not followed."""
    options = argv[1:]
    shell.effects.append(start_effects(options[:-1], shell.around.home))
    while options and options[0].startswith("-") and "c" not in options[0]:
        if options[0] in ("-", "-s", "--"):
            break
        options = options[2:] if options[0] == "-o" else options[1:]
    if len(options) >= 2 and options[0].startswith("-") and options[0].endswith("c"):
        _run_text(options[1], shell.nested())
    elif not options or options[0] in ("-", "-s"):
        _run_piped_script(shell)
    else:
        shell.block("runs-project-code", f"it runs the script {_show(options[0])}, which may read any file")


def _run_text(text: str, shell: _Shell) -> None:
    if not is_known(text) or shell.depth > _MAX_DEPTH:
        shell.block("shell-not-understood", "a nested script is only known at build time")
        return
    script = parse_script(text)
    if isinstance(script, Opaque):
        shell.block(script.slug, script.why)
    else:
        _run_items(script.items, shell)


def _run_piped_script(shell: _Shell) -> None:
    words = tuple(word.literal or "" for word in shell.previous.words) if shell.previous else ()
    if words[:1] in (("curl",), ("wget",)) and any(word.startswith(_INSTALLERS) for word in words):
        trees = PathSet.of(trees=(*SYSTEM_TREES, *(join(shell.around.home, name) for name in _HOME_NAMES)))
        shell.effects.append(Effects(reads=trees, writes=trees, role=Role.SYSTEM, network=True))
        return
    shell.block("runs-downloaded-script", "it pipes a script into a shell, which may read and write any file")


def _apply_redirect(redirect: Redirect, shell: _Shell) -> None:
    if redirect.op in ("<<", "<<-", "<<<") or redirect.target is None:
        return
    target = _expand(redirect.target, shell)
    if target in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-") or target.isdigit():
        return
    if not is_known(target) or any(character in target for character in "*?["):
        shell.block("path-unknown", f"it redirects to {_show(target)}")
        return
    path = PathSet.of(join(shell.cwd, target))
    is_input = redirect.op == "<"
    shell.effects.append(Effects(reads=path) if is_input else Effects(reads=path, writes=path))


def _expand_words(words: tuple[Word, ...], shell: _Shell) -> tuple[str, ...]:
    """The words after expansion; an unquoted variable that is known splits at blanks, as the shell does."""
    result: list[str] = []
    for word in words:
        text = _expand(word, shell)
        if word.glob:
            _read_names(text, shell)
        is_split = len(word.parts) == 1 and isinstance(word.parts[0], Variable) and not word.parts[0].quoted
        if is_split and is_known(text):
            result += text.split()
        else:
            result.append(text)
    return tuple(result)


def _read_names(pattern: str, shell: _Shell) -> None:
    """The shell looks names up for a pattern: those that the context brings are read."""
    parts = join(shell.cwd, pattern).split("/") if is_known(pattern) else ["", *shell.cwd.strip("/").split("/"), "*"]
    first = next((i for i, part in enumerate(parts) if _WILDCARDS.intersection(part)), None)
    if first is None:
        return
    folder = "/".join(parts[:first]) or "/"
    names = shell.around.view.names(folder)
    if any(fnmatch.fnmatchcase(name, parts[first]) for name in names):
        shell.effects.append(Effects(reads=PathSet.of(trees=(folder,))))


def _expand(word: Word, shell: _Shell) -> str:
    pieces: list[str] = []
    for part in word.parts:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, Variable):
            pieces.append(_value(part.name, shell))
        elif isinstance(part, Dynamic):
            if part.commands:
                _run_items(part.commands, shell.nested())
            pieces.append(UNKNOWN)
    text = "".join(pieces)
    if text.startswith("~") and word.glob and (text == "~" or text.startswith("~/")):
        return shell.around.home + text[1:]
    return text


def _value(name: str, shell: _Shell) -> str:
    if name == "PWD":
        return shell.cwd
    if name == "HOME":
        return shell.around.home
    return shell.variables.get(name, UNKNOWN)


def _show(text: str) -> str:
    return text.replace(UNKNOWN, "$…")
