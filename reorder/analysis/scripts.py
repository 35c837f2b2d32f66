"""Shell scripts that come with the project: read where they are small and plain, and a barrier elsewhere.

The commands of a script are analysed as if they stood in the RUN, in a shell of their own: it gets the directory and
the exported variables (POSIX.1-2024, Shell 2.9.1.6), and ends with the script. What ``.`` reads runs in the same shell.
"""

from __future__ import annotations

from typing import NamedTuple

from reorder.analysis.environment import path_probes
from reorder.analysis.functions import MAX_EFFECTS
from reorder.analysis.parameters import BASH_SOURCE, NAME, set_arguments, set_parameter
from reorder.analysis.shell_state import Shell, merge
from reorder.context.model import Kind, UnreadableError
from reorder.effects import Effects, PathSet, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import UNKNOWN, is_known
from reorder.shell.model import Group, Item, Script
from reorder.shell.parse import parse_script
from reorder.source import Opaque

_MAX_BYTES = 64 * 1024
_MAX_COMMANDS = 400
_MAX_DEPTH = 8
_SLUG = "runs-project-code"
_HASH_BANG = lazy_pattern(
    r"#![ \t]*(/(?:usr/(?:local/)?)?bin/)(env[ \t]+)?(sh|bash|dash|ash)(?:[ \t]+-[efuvx]+)?[ \t]*\n"
)
_PLAIN_OPTION = lazy_pattern(r"-[abefhilmnpuvxo]+|--login|--norc|--noprofile|--posix|[a-z]+")


class ScriptCall(NamedTuple):
    """A script file that is run: its absolute ``path``, ``$0``, its arguments, and the interpreter if one is named."""

    path: str
    name: str
    arguments: tuple[str, ...]
    interpreter: str | None = None


def run_text(text: str, shell: Shell) -> None:
    """Run ``sh -c TEXT`` in the new shell ``shell``."""
    if not is_known(text) or shell.depth > _MAX_DEPTH:
        shell.block("shell-not-understood", "a nested script is only known at build time")
        return
    script = parse_script(text)
    if isinstance(script, Opaque):
        shell.block(script.slug, script.why)
    elif script.has_background:
        shell.block("shell-state", "a nested script starts a command in the background")
    else:
        shell.substitute(script.items, shell)


def run_script_file(call: ScriptCall, shell: Shell) -> None:
    """Run a script file in the new shell ``shell``; a barrier if it cannot be followed."""
    script = _open(call.path, shell, interpreter=call.interpreter)
    if isinstance(script, str):
        shell.block(_SLUG, f"it runs {call.name.replace(UNKNOWN, '$…')}, {script}")
        return
    shell.is_script, shell.calls = True, []
    set_parameter(NAME, call.name, shell)
    if (call.interpreter or script.interpreter) == "bash":
        set_parameter(BASH_SOURCE, call.name, shell)
    set_arguments(call.arguments, shell)
    start = len(shell.effects)
    shell.add(Effects(reads=script.reads, evidence=(f"the commands of {call.name} are followed",)))
    shell.substitute(script.items, shell)
    tell_where(call.name, start, shell)


def source_file(argv: tuple[str, ...], shell: Shell) -> bool:
    """``. ./FILE``: run the file in this shell. False, and nothing done, if it cannot be followed.

    A name without a slash is looked up on the search path (and by bash in the directory); arguments are for bash only.
    """
    if len(argv) != 2 or not is_known(argv[1]) or "/" not in argv[1] or shell.branches:
        return False
    script = _open(join(shell.cwd, argv[1]), shell, interpreter="sh")
    if isinstance(script, str):
        return False
    start, calls, outer_returns, outer_source = (
        len(shell.effects), len(shell.calls), shell.returns, shell.state.variables.get(BASH_SOURCE),
    )  # fmt: skip
    shell.returns = []
    shell.depth += 1
    if outer_source is not None:
        set_parameter(BASH_SOURCE, argv[1], shell)
    shell.add(Effects(reads=script.reads, evidence=(f"the commands of {argv[1]} are followed",)))
    end = shell.substitute(script.items, shell).any
    for state in shell.returns:
        end = merge(end, state)
    shell.state = end or shell.state
    if outer_source is not None:
        set_parameter(BASH_SOURCE, outer_source, shell)
    shell.depth -= 1
    shell.returns = outer_returns
    del shell.calls[calls:]
    tell_where(argv[1], start, shell)
    return True


def activate_environment(argv: tuple[str, ...], shell: Shell) -> bool:
    """``. DIR/bin/activate`` of a virtual environment that was made in the image (docs.python.org/3/library/venv)."""
    if len(argv) != 2 or not is_known(argv[1]) or not argv[1].endswith("/bin/activate"):
        return False
    script = join(shell.cwd, argv[1])
    entry = shell.view().find(script)
    if entry is not None and entry.context_path is not None:
        return False
    place = script.removesuffix("/bin/activate")
    shell.assign({"VIRTUAL_ENV": place, "PATH": f"{place}/bin:{shell.value('PATH')}"})
    shell.unset(["PYTHONHOME"])
    shell.export(("VIRTUAL_ENV", "PATH"))
    shell.add(Effects(reads=PathSet.of(script)))
    return True


class _Opened(NamedTuple):
    items: tuple[Item, ...]
    interpreter: str
    reads: PathSet


def _open(path: str, shell: Shell, *, interpreter: str | None) -> _Opened | str:
    """The script at the container's ``path``, or why it cannot be followed."""
    text = read_plain_text(path, shell)
    if text is None:
        return "which may read any file"
    reads = PathSet.of(path)
    if interpreter is None:
        found = _HASH_BANG.match(text)
        if found is None and text.startswith("#!"):
            return "which is no shell script"
        interpreter = found[3] if found else "sh"
        if found:
            program = found[1] + ("env" if found[2] else found[3])
            entry = shell.around.view.find(program)
            if entry is not None and entry.context_path is not None:
                return f"by {program}, which comes with the project"
        if found and found[2]:
            reads |= path_probes(interpreter, shell.environment)
    script = _parse(text)
    if isinstance(script, str):
        return script
    if shell.depth > _MAX_DEPTH or len(shell.effects) > MAX_EFFECTS:
        return "from script to script too often to follow"
    return _Opened(script.items, interpreter, reads)


def _parse(text: str) -> Script | str:
    script = parse_script(text)
    if isinstance(script, Opaque):
        return f"which is not understood: {script.why}"
    if script.has_background:
        return "which starts a command in the background"
    return script if _count(script.items) <= _MAX_COMMANDS else "which is too long to follow"


def _count(items: tuple[Item, ...]) -> int:
    return sum(1 + (_count(item.items) if isinstance(item, Group) else 0) for item in items)


def read_plain_text(path: str, shell: Shell) -> str | None:
    """The text of a file that comes unchanged from the build context; None if it does not, or is no plain text.

    Line ends of Windows are part of the words to a shell, and make the kernel look for another interpreter.
    """
    entry = shell.contents().find(path)
    if entry is None or entry.context_path is None or entry.kind is not Kind.FILE:
        return None
    try:
        content = shell.around.view.read(path)
        text = content.decode() if len(content) <= _MAX_BYTES else "\0"
    except (UnreadableError, UnicodeDecodeError):
        return None
    return None if "\0" in text or "\r" in text or "\x1f" in text or text.startswith("\ufeff") else text


def tell_where(name: str, start: int, shell: Shell) -> None:
    """Say of each reason since ``start`` that it lies in the script."""
    for index in range(start, len(shell.effects)):
        if blocks := shell.effects[index].blocks:
            told = tuple(block._replace(why=f"{name}: {block.why}") for block in blocks)
            shell.effects[index] = shell.effects[index]._replace(blocks=told)


def count_options(words: tuple[str, ...]) -> int:
    """How many of a shell's ``words`` are options and their values; ``-c`` is the last of them (sh(1), bash(1))."""
    count = 0
    while count < len(words) and words[count].startswith("-") and words[count] not in ("-", "-s", "--"):
        word = words[count]
        count += 1
        if word.startswith("--"):
            continue
        if "c" in word:
            return count
        if word.endswith("o"):
            count += 1
    return min(count, len(words))


def is_command_option(word: str) -> bool:
    """``-c`` or a cluster that ends in it."""
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")


def are_plain_options(options: tuple[str, ...]) -> bool:
    """Whether a shell with these options runs a script file as it would with none, but for when it stops."""
    return all(map(_PLAIN_OPTION.fullmatch, options))
