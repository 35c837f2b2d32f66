"""find: reads the trees it starts from, and deletes or changes what it finds there.

https://www.gnu.org/software/findutils/manual/
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.effects import Effects
from reorder.manager import Call, Manager
from reorder.manifests.operands import changing, reading, unknown_option

manager = Manager(__name__, kind="command", tools=("find",))

_PLAIN = frozenset(
    "( ) ! , -not -o -or -a -and -print -print0 -ls -prune -depth -d -delete -quit -empty -true -false -mount -xdev"
    " -follow -executable -readable -writable -nouser -nogroup -daystart -noleaf".split()
)
_VALUED = frozenset(
    "-name -iname -path -ipath -wholename -regex -iregex -regextype -type -xtype -size -mtime -mmin -atime -amin -ctime"
    " -cmin -perm -user -group -uid -gid -links -inum -maxdepth -mindepth -lname -printf -fstype".split()
)
_CHANGES_OPERANDS = frozenset("rm rmdir chmod chown chgrp touch strip truncate dos2unix".split())
_READS_OPERANDS = frozenset("echo ls cat file grep ldd basename dirname stat md5sum sha256sum test printf true".split())


@manager
def analyze(call: Call) -> Effects:
    """Reads, and where an action says so changes, the trees it starts from."""
    words = iter(call.args)
    starts: list[str] = []
    does_change = False
    for word in words:
        if word in ("-L", "-H", "-P"):
            continue
        if word in ("-exec", "-execdir", "-ok"):
            effect = _action(words)
            if effect is None:
                return unknown_option(call, f"{word} with a command that is not known to stay within what was found")
            does_change |= effect
        elif word in _VALUED:
            next(words, None)
        elif word in _PLAIN:
            does_change |= word == "-delete"
        elif word.startswith("-"):
            return unknown_option(call, word)
        else:
            starts.append(word)
    act = changing if does_change else reading
    return act(call, *(starts or ["."]), depth="tree")


def _action(words: Iterator[str]) -> bool | None:
    """Whether the command after ``-exec`` changes what was found; None if it may do anything else."""
    command: list[str] = []
    for word in words:
        if word in (";", "+"):
            break
        command.append(word)
    name = command[0].rpartition("/")[2] if command else ""
    if name in _READS_OPERANDS:
        return False
    is_plain = all(not word.startswith("/") for word in command[1:])
    return True if name in _CHANGES_OPERANDS and is_plain else None
