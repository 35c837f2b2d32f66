"""The commands that make users and groups.

They change the account files, and where they make a home directory fill it from /etc/skel. Option tables: shadow-utils
useradd(8), Debian's adduser(8), and BusyBox, whose letters do not clash with Debian's words.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.effects import Effects, PathSet, join
from reorder.manager import UNKNOWN, Call, Manager, Options, is_known, parse_options
from reorder.manifests.operands import shown, unknown_option, writing

_TOOLS = tuple(
    "useradd adduser usermod userdel deluser groupadd addgroup groupmod groupdel delgroup passwd chpasswd gpasswd chsh"
    .split()
)  # fmt: skip
_HOMES = ("-d", "--home-dir", "--home", "-h")
manager = Manager(__name__, kind="command", tools=_TOOLS)

_ACCOUNTS = (
    "/etc/.pwd.lock",
    *(
        f"/etc/{name}{suffix}"
        for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
        for suffix in ("", "-", "+", ".lock")
    ),
)
_CONFIGURATION = PathSet.of(
    "/etc/login.defs", "/etc/default/useradd", "/etc/adduser.conf", "/etc/deluser.conf", "/etc/nsswitch.conf",
    "/etc/shells", trees=("/etc/skel", "/etc/pam.d", "/etc/adduser.conf.d", "/etc/login.defs.d"),
)  # fmt: skip
_LOGS = PathSet.of("/var/log/faillog", "/var/log/lastlog", trees=("/var/mail", "/var/spool/mail"))
_SWITCHES = frozenset(
    "-m -M -r -l -N -U -o -D -S -H -a -f -F -q --create-home --no-create-home --system --no-log-init --no-user-group"
    " --user-group --non-unique --append --force --group --disabled-password --disabled-login --quiet --remove --expire"
    " --force-badname --allow-bad-names --allow-badname --badname --lock --unlock --delete -L -e -d --debug".split()
)
_VALUED = frozenset(
    "-u --uid -g --gid -G --groups -s --shell -c --comment --gecos --home --home-dir -h -k --skel -K --key"
    " -p --password -b --base-dir --ingroup --firstuid --lastuid --firstgid --lastgid --expiredate --inactive".split()
)
_VALUED_OF = {"useradd": frozenset(("-d", "-f", "-e")), "usermod": frozenset(("-d", "-f", "-e", "-l", "--login"))}
"""Letters that take a value in these two only."""

_ALWAYS_MAKES_HOME = ("centos", "fedora", "rockylinux", "almalinux", "amazonlinux", "redhat", "ubi", "oraclelinux")
"""Families of images whose /etc/login.defs says CREATE_HOME yes."""


@manager
def analyze(call: Call) -> Effects:
    """Account files, and the home directory where one is made, moved or deleted."""
    tool = call.argv[0]
    valued = _VALUED | _VALUED_OF.get(tool, frozenset())
    options = parse_options(call.args, valued=valued, switches=_SWITCHES - (valued - _VALUED))
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    effects = Effects(
        reads=PathSet.of(*_ACCOUNTS) | _CONFIGURATION,
        writes=PathSet.of(*_ACCOUNTS) | _LOGS,
        homes=tuple(_registered_homes(call, options)),
    )
    if _touches_home(call, options):
        return effects | _home(call, options)
    return effects


def _touches_home(call: Call, options: Options) -> bool:
    switches = options.switches
    match call.argv[0]:
        case "useradd":
            is_default = any(family in call.base for family in _ALWAYS_MAKES_HOME) and not switches & {"-r", "--system"}
            return bool(switches & {"-m", "--create-home"}) or (
                is_default and not switches & {"-M", "--no-create-home"}
            )  # fmt: skip
        case "adduser":
            is_group_entry = len(options.positionals) == 2  # adduser USER GROUP only adds to the group
            return not switches & {"-H", "--no-create-home"} and not is_group_entry
        case "usermod":
            return bool(switches & {"-m", "--move-home"} or {"-u", "--uid"} & set(options.values))
        case "userdel" | "deluser":
            return bool(switches & {"-r", "--remove", "--remove-home", "--remove-all-files"})
        case _:
            return False


def _values(options: Options, *names: str) -> tuple[str, ...]:
    return tuple(value for name in names for value in options.values.get(name, ()))


def _registered_homes(call: Call, options: Options) -> Iterator[tuple[str, str]]:
    """What /etc/passwd says from now on: a user's name and number, each with the home directory.

    A number that the tool chooses, and a name that only a run can tell, are `UNKNOWN`.
    """
    tool, user = call.argv[0], (options.positionals or (UNKNOWN,))[0 if call.argv[0] == "adduser" else -1]
    given, numbers = _values(options, *_HOMES), _values(options, "-u", "--uid")
    if tool not in ("useradd", "adduser", "usermod") or (tool == "adduser" and len(options.positionals) == 2):
        return
    names = [*(_values(options, "-l", "--login") if tool == "usermod" else (user,)), *numbers]
    if tool == "usermod" and given:
        names.append(user)
    if tool != "usermod" and not numbers:
        names.append(UNKNOWN)
    base = (*_values(options, "-b", "--base-dir"), "/home")[0]
    home = join("/", given[-1] if given else f"{base}/{user}")
    yield from ((name if is_known(name) else UNKNOWN, home if is_known(home) else UNKNOWN) for name in names)


def _home(call: Call, options: Options) -> Effects:
    given = _values(options, *_HOMES)
    if given:
        homes = given
    elif options.positionals and is_known(options.positionals[-1]):
        base = (*_values(options, "-b", "--base-dir"), "/home")[0]
        homes = (f"{base}/{options.positionals[-1]}",)
    else:
        name = shown(options.positionals[-1]) if options.positionals else "nobody"
        return Effects.blocked(
            "path-unknown", f"{call.argv[0]} {name}: whose home directory is only known at build time"
        )
    return writing(call, *homes, depth="tree")
