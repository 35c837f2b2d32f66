"""Shell builtins and programs that neither read nor write a file worth naming."""

from __future__ import annotations

from reorder.effects import Effects
from reorder.manager import Call, Manager

manager = Manager(
    __name__,
    kind="command",
    tools=tuple(
        ": true false set shopt ulimit umask command type which hash wait echo printf sleep uname arch nproc date pwd"
        " whoami tty printenv env expr seq yes getconf sync tr basename dirname kill jobs let sudo logname".split()
    ),
)


_DATE_FILES = ("-s", "--set", "-f", "--file", "-r", "--ref")


@manager
def analyze(call: Call) -> Effects:
    """Nothing; but a few of them have a form that does something."""
    arguments = call.args
    if call.argv[0] in ("command", "sudo") and arguments[:1] not in (("-v",), ("-V",), ("--version",)):
        return Effects.blocked("unknown-command", f"{call.argv[0]} runs a command that is not understood")
    if call.argv[0] == "date" and any(
        word.startswith(("-s", "--set", "-f", "--file", "-r", "--ref")) for word in arguments
    ):
        return Effects.blocked("unknown-option", "date with an option that reads or sets more than the time")
    return Effects()
