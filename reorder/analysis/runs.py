"""The effects of a RUN: its script, command by command, with the shell's own state."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator

from reorder.analysis.environment import path_probes
from reorder.analysis.expansion import assigned, expand, expand_fields, expand_words
from reorder.analysis.functions import (
    DECLARATIONS,
    assigned_names,
    call_function,
    define_function,
    forget_own_variables,
)
from reorder.analysis.parameters import set_arguments, shift
from reorder.analysis.programs import adds_programs, run_known_program, run_piped_script
from reorder.analysis.scripts import (
    ScriptCall,
    activate_environment,
    are_plain_options,
    count_options,
    is_command_option,
    run_script_file,
    run_text,
    source_file,
)
from reorder.analysis.shell_state import SPECIAL_BUILTINS, Outcome, Shell, State, Surroundings, Traced, merge
from reorder.effects import NO_EFFECTS, Effects, PathSet, Role, join
from reorder.manager import UNKNOWN, is_known, is_wrapper
from reorder.shell.model import Command, Dynamic, Group, Item, Link, Redirect, Script, Word
from reorder.shell.wrappers import unwrap
from reorder.source import Opaque

__all__ = ["Surroundings", "adds_programs", "exec_effects", "run_effects", "start_effects"]

_SHELLS = frozenset(("sh", "bash", "ash", "dash"))
_NEVER_FAIL = frozenset((":", "true", "echo", "printf", "set", "umask"))


def start_effects(options: tuple[str, ...], home: str) -> Effects:
    """The files that a shell with these options reads when it starts (bash(1), INVOCATION)."""
    letters = "".join(option[1:] for option in options if option.startswith("-") and not option.startswith("--"))
    if not {"l", "i"}.intersection(letters) and "--login" not in options:
        return Effects()
    # a profile is code, and may read what lies beside it
    return Effects(reads=PathSet.of("/etc/profile", "/etc/bash.bashrc", trees=("/etc/profile.d", home)))


def run_effects(script: Script, around: Surroundings) -> tuple[Effects, tuple[Traced, ...]]:
    """What a parsed shell script does, as a whole and pipeline by pipeline."""
    shell = Shell.start(around, _run_items)
    trace: list[Traced] = []

    def watch(items: list[Item], before: State, effects: int, calls: int) -> None:
        trace.append(Traced(tuple(items), tuple(shell.effects[effects:]), tuple(shell.calls[calls:]), before))

    _run_items(script.items, shell, watch)
    return _join(shell.effects), tuple(trace)


def exec_effects(argv: tuple[str, ...], around: Surroundings) -> Effects:
    """What ``RUN ["program", "argument"]`` does."""
    shell = Shell.start(around, _run_items)
    _run_program(argv, shell, shell.environment, None)
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


Watch = Callable[[list[Item], State, int, int], None]
"""Told of each pipeline: the state in which it began, and how many effects and calls there were before it."""


def _run_items(items: tuple[Item, ...], shell: Shell, watch: Watch | None = None) -> Outcome:
    """Run lists of pipelines, with the states in which each may begin (POSIX.1-2024, Shell 2.9.3)."""
    outcome = Outcome(shell.state, None)
    list_start = shell.state
    for link, pipeline in _pipelines(items):
        entry = _entry(link, outcome, list_start)
        if entry is not None:
            shell.enter(entry)
        if link not in ("and", "or"):
            list_start = shell.state
        before, effects, calls = shell.state, len(shell.effects), len(shell.calls)
        ran = _run_pipeline(pipeline, shell)
        if watch is not None:
            watch(pipeline, before, effects, calls)
        if entry is None and link in ("and", "or"):
            ran = Outcome(None, None)
        outcome = _follow(link, outcome, ran)
    return outcome


def _pipelines(items: tuple[Item, ...]) -> Iterator[tuple[Link, list[Item]]]:
    start = 0
    for end in range(1, len(items) + 1):
        if end == len(items) or items[end].link != "pipe":
            yield items[start].link, list(items[start:end])
            start = end


def _entry(link: Link, outcome: Outcome, list_start: State) -> State | None:
    """The state in which a pipeline begins; None if it never runs (or only after the end of the shell)."""
    if link == "background":
        return list_start
    if link == "and":
        return outcome.success
    return outcome.failed if link == "or" else outcome.any


def _follow(link: Link, before: Outcome, ran: Outcome) -> Outcome:
    if link == "and":
        return Outcome(ran.success, merge(before.failure, ran.failure), merge(before.stay, ran.stay))
    if link == "or":
        return ran._replace(success=merge(before.success, ran.success))
    return ran


def _run_pipeline(items: list[Item], shell: Shell) -> Outcome:
    """Each command of a longer pipeline runs in a subshell."""
    if len(items) > 1:
        previous: Item | None = None
        for item in items:
            _run_item(item, shell.nested(), previous)
            previous = item
        return Outcome(shell.state, shell.state)
    outcome = _run_item(items[0], shell, None)
    return Outcome(outcome.failed, outcome.success) if items[0].negated else outcome


def _run_item(item: Item, shell: Shell, previous: Item | None) -> Outcome:
    if isinstance(item, Group):
        return _run_group(item, shell)
    return _run_command(item, shell, previous if isinstance(previous, Command) else None)


def _run_group(group: Group, shell: Shell) -> Outcome:
    for redirect in group.redirects:
        _apply_redirect(redirect, shell)
    if group.kind == "function":
        define_function(group, shell)
    elif group.kind == "test":
        for word in group.words:
            _read_operand(word, shell)
        if not group.words:
            shell.forget_numbers()
    elif group.kind == "subshell":
        _run_items(group.items, shell.nested())
    elif group.kind == "brace":
        return _run_items(group.items, shell)
    else:
        _run_branches(group, shell)
    return Outcome(shell.state, shell.state)


def _run_branches(group: Group, shell: Shell) -> None:
    """A loop or a choice: any of its commands may have run before any other, or none at all."""
    for word in group.words:
        if group.kind == "for":
            expand_fields(word, shell)
        else:
            expand(word, shell)
    before, outer_names = shell.state, shell.open_names
    names = set(assigned_names(group, shell.functions))
    shell.branches += 1
    if group.kind in ("if", "case"):
        # A branch that sets a new variable may use it; what had a value may have it still in another branch.
        names &= before.variables.keys() | {"PATH"}
        shell.open_names |= names
    shell.assign(dict.fromkeys(names - {"PATH"}, UNKNOWN))
    after = _run_items(group.items, shell).any or shell.state
    if group.kind in ("for", "while") and "PATH" in names:
        after = _run_items(group.items, shell).any or shell.state  # where the first round has led the second looks
    shell.branches -= 1
    if after.cwd != before.cwd:
        shell.block("working-directory-unknown", "a branch changes the working directory")
    merged = merge(before, after) or before
    shell.open_names = outer_names
    shell.state = merged._replace(cwd=before.cwd)


def _read_operand(word: Word, shell: Shell) -> None:
    text = expand(word, shell)
    if text.startswith("-") or not text:
        return
    if is_known(text):
        shell.add(Effects(reads=PathSet.of(join(shell.cwd, text))))


def _run_command(command: Command, shell: Shell, source: Command | None) -> Outcome:
    """A simple command; ``source`` is the one before it in a pipeline."""
    for redirect in command.redirects:
        _apply_redirect(redirect, shell)
    values = {name: assigned(word, shell) for name, word in command.assignments}
    if not command.words:
        shell.assign(values)
        is_sure = not any(isinstance(part, Dynamic) for _, word in command.assignments for part in word.parts)
        return Outcome(shell.state, None if is_sure else shell.state)
    argv = expand_words(command.words, shell)
    if command.assignments and argv and argv[0] in SPECIAL_BUILTINS:
        shell.assign(dict.fromkeys(values, UNKNOWN))  # in a POSIX shell they stay, in bash they do not
    before = shell.state
    if not argv:
        return Outcome(before, before)
    if argv[0] == "cd":
        _change_directory(argv, shell)
        return Outcome(shell.state, None, before)
    if argv[0] in ("exit", "return"):
        if argv[0] == "return":
            shell.returns.append(shell.state)
        return Outcome(None, None)
    if argv[0] in shell.functions:
        if values:
            shell.block("shell-function", f"it gives variables to the function {argv[0]}")
        return call_function(argv, shell)
    if not _run_builtin(argv, shell):
        _run_program(argv, shell, {**shell.environment, **values}, source)
    if argv[0] == "false":
        return Outcome(None, shell.state)
    is_sure = argv[0] in _NEVER_FAIL | DECLARATIONS and not command.redirects
    return Outcome(shell.state, None if is_sure else shell.state)


def _run_builtin(argv: tuple[str, ...], shell: Shell) -> bool:
    """Run a command that changes the shell; False if it (also) is to be run as a program."""
    name = argv[0]
    if shell.functions and name in ("unset", "export", "declare", "typeset") and "-f" in argv:
        shell.block("shell-function", f"{name} -f is not followed")
    elif name in DECLARATIONS:
        _declare(argv, shell)
        if name == "local":
            forget_own_variables(argv, shell)
    elif name == "unset":
        shell.unset(word for word in argv[1:] if not word.startswith("-"))
    elif name in ("source", ".") and (activate_environment(argv, shell) or source_file(argv, shell)):
        pass
    elif name in ("source", ".", "eval", "trap", "alias", "pushd", "popd"):
        shell.block("shell-state", f"{name} changes the shell in ways that are not followed")
    elif name == "shift":
        shift(argv, shell)
    elif name not in ("break", "continue"):
        if name == "set":
            _set_options(argv, shell)
        elif name == "let" or argv[:2] == ("printf", "-v"):
            names = (re.match(r"[A-Za-z_]\w*", word) for word in argv[1:])
            shell.assign({found[0]: UNKNOWN for found in names if found})
        return False
    return True


def _set_options(argv: tuple[str, ...], shell: Shell) -> None:
    options = argv[1 : argv.index("--") if "--" in argv else None]
    for sign, on in (("-", True), ("+", False)):
        letters = [word for word in options if re.fullmatch(rf"\{sign}[a-zA-Z]+", word)]
        if any("a" in word for word in letters) or ("allexport" in options and f"{sign}o" in options):
            shell.exports_all = on
    operands = [word for word in argv[1:] if not word.startswith(("-", "+"))]
    names = sum(word.endswith("o") for word in argv[1:] if word.startswith(("-", "+")))
    if shell.is_script and "--" in argv:
        set_arguments(argv[argv.index("--") + 1 :], shell)
    elif shell.is_script and len(operands) > names:
        set_arguments([UNKNOWN] if names else operands, shell)


def _change_directory(argv: tuple[str, ...], shell: Shell) -> None:
    words = argv[2:] if argv[1:2] == ("--",) else argv[1:]
    target = words[0] if words else shell.home
    is_searched = not target.startswith((".", "/")) and "CDPATH" in shell.state.variables
    if target.startswith("-") or not is_known(target) or is_searched:
        shell.block("working-directory-unknown", f"cd {_show(target)}: the directory is not known")
    else:
        shell.state = shell.state._replace(cwd=join(shell.cwd, target))
        shell.add(Effects(reads=PathSet.of(shell.cwd)))


def _declare(argv: tuple[str, ...], shell: Shell) -> None:
    options = "".join(word for word in argv[1:] if word.startswith("-"))
    names = []
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if not is_known(name):
            shell.block("shell-state", f"{argv[0]} {_show(name)} sets variables that only a build can tell")
        elif not word.startswith("-"):
            names.append(name)
            if equals:
                shell.assign({name: value})
    if "n" in options and argv[0] == "export":
        shell.state = shell.state._replace(exported=shell.state.exported.difference(names))
    elif argv[0] == "export" or "x" in options:
        shell.export(names)


def _run_program(argv: tuple[str, ...], shell: Shell, env: dict[str, str], source: Command | None) -> None:
    if not is_known(argv[0]):
        shell.block("unknown-command", f"the command {_show(argv[0])} is only known at build time")
        return
    unwrapped = unwrap(argv)
    if unwrapped is None:
        shell.block("unknown-command", f"{_show(' '.join(argv))[:60]} is not understood")
        return
    env = _cleared(argv, env)
    while unwrapped and "=" in unwrapped[0] and unwrapped[0].partition("=")[0].isidentifier():
        name, _, value = unwrapped[0].partition("=")
        env = {**env, name: value}
        unwrapped = unwrapped[1:]
    if not unwrapped:
        return
    if not is_known(unwrapped[0]):
        shell.block("unknown-command", f"the command {_show(unwrapped[0])} is only known at build time")
    elif posixpath.basename(unwrapped[0]) in _SHELLS:
        _run_shell(unwrapped, shell.child(env), source)
    else:
        run_known_program(unwrapped, shell, env)


def _cleared(argv: tuple[str, ...], env: dict[str, str]) -> dict[str, str]:
    """The variables that ``env -i`` and ``env -u NAME`` leave."""
    if posixpath.basename(argv[0]) != "env":
        return env
    words = iter(argv[1:])
    for word in words:
        if not word.startswith("-"):
            break
        if word in ("-", "--ignore-environment") or (word[1:2] != "u" and "i" in word):
            env = {}
        elif word.startswith("-u"):
            gone = word[2:] or next(words, "")
            env = {name: value for name, value in env.items() if name != gone}
    return env


def _run_shell(argv: tuple[str, ...], shell: Shell, source: Command | None) -> None:
    """``sh -c 'script'``, ``sh file``, or a shell that reads its standard input."""
    count = count_options(argv[1:])
    options, words = argv[1 : 1 + count], argv[1 + count :]
    shell.add(start_effects(options, shell.around.home))
    if "/" not in argv[0]:
        shell.add(Effects(reads=path_probes(argv[0], shell.environment)))
    if options and is_command_option(options[-1]) and words:
        run_text(words[0], shell)
    elif not words or words[0] in ("-", "-s"):
        run_piped_script(source, shell)
    elif not is_known(words[0]) or words[0].startswith(("-", "+")) or not are_plain_options(options):
        shell.block("runs-project-code", f"it runs the script {_show(words[0])}, which may read any file")
    elif is_wrapper(posixpath.basename(words[0])):
        run_known_program(words, shell, shell.environment)
    else:
        path = join(shell.cwd, words[0])
        run_script_file(ScriptCall(path, words[0], words[1:], posixpath.basename(argv[0])), shell)


def _apply_redirect(redirect: Redirect, shell: Shell) -> None:
    if redirect.target is None:
        return
    target = expand(redirect.target, shell)
    if redirect.op in ("<<", "<<-", "<<<"):
        return
    if target in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "-") or target.isdigit():
        return
    if not is_known(target) or any(character in target for character in "*?["):
        shell.block("path-unknown", f"it redirects to {_show(target)}")
        return
    path = PathSet.of(join(shell.cwd, target))
    is_input = redirect.op == "<"
    shell.add(Effects(reads=path) if is_input else Effects(reads=path, writes=path))


def _show(text: str) -> str:
    return text.replace(UNKNOWN, "$…")
