"""What the programs do that a shell starts: found on the search path, and asked of who knows them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from reorder.analysis.environment import loader_reads, lookup_probes, path_probes, system_probes, unknown_variable
from reorder.analysis.scripts import ScriptCall, run_script_file
from reorder.analysis.shell_state import Shell
from reorder.effects import NOTHING, SYSTEM_TREES, Effects, PathSet, Role, join
from reorder.manager import UNKNOWN, Call, Manager, find_manager, is_wrapper
from reorder.shell.model import Command

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
_MAKES = frozenset(("make", "gmake"))
"""GNU make: no distribution with a package manager has another program under these names."""

_KEEP_LINKS = frozenset(("rm", "unlink", "readlink"))
"""They work on a symbolic link that they are given, not on what it points to."""


def adds_programs(effects: Effects) -> bool:
    """Whether a step may have put programs into the image that its base did not have."""
    return bool(effects.blocks) or effects.role in (Role.SYSTEM, Role.DOWNLOAD)


def run_known_program(argv: tuple[str, ...], shell: Shell, env: dict[str, str]) -> None:
    """Add the effects of a program that is no shell; ``env`` are the variables that it is given."""
    program, tool = argv[0], posixpath.basename(argv[0])
    is_known_script = is_wrapper(tool)
    if not is_known_script and (script := _project_script(program, shell, env)):
        shell.add(Effects(reads=lookup_probes(program, env) if "/" not in program else NOTHING))
        run_script_file(ScriptCall(script, program if "/" in program else script, argv[1:]), shell.child(env))
        return
    probes = path_probes(tool, env) if "/" not in program else NOTHING
    if not is_known_script and (why := _project_code(program, shell, probes)):
        shell.block("runs-project-code", why)
        return
    if tool in _MAKES:
        from reorder.analysis.makefiles import run_make  # few Dockerfiles need it

        run_make(argv, shell, env)
        return
    manager = find_manager(tool)
    if manager is None or manager.analyze is None:
        shell.block("unknown-command", f"{tool} is not known: it may read and write any file")
        return
    call = Call(
        argv=(tool, *argv[1:]), program=program, cwd=shell.cwd, env=env, user=shell.around.user,
        home=env.get("HOME", shell.around.home), base=shell.around.base, view=shell.view(),
        is_bare=shell.around.is_bare and not any(map(adds_programs, shell.effects)),
    )  # fmt: skip
    shell.calls.append(call)
    effects = manager.analyze(call)
    probes |= loader_reads(env, shell.cwd) | _asked(call.argv, env)
    effects = effects._replace(reads=effects.reads | probes) | _unknown(manager, tool, env)
    shell.add(effects, follows=tool not in _KEEP_LINKS)
    if tool in ("chmod", "chown", "chgrp"):
        shell.modes.append(len(shell.effects) - 1)


def _project_script(program: str, shell: Shell, env: dict[str, str]) -> str | None:
    """The file of the context that ``program`` means, if it does; on the search path only a name that ends in .sh."""
    if "/" in program:
        places: Iterable[str] = (join(shell.cwd, program),)
    elif program.endswith(".sh"):
        places = lookup_probes(program, env).files
    else:
        return None
    entries = ((path, shell.around.view.find(path)) for path in places)
    found = next(((path, entry) for path, entry in entries if entry is not None), None)
    return found[0] if found and found[1].context_path is not None else None


def _project_code(program: str, shell: Shell, probes: PathSet) -> str | None:
    """Why the file that ``program`` means may be the project's own; ``probes``: where it is looked for first."""
    if "/" not in program:
        places = (*probes.files, *system_probes(program).files)
        entries = ((path, shell.around.view.find(path)) for path in places)
        found = next((path for path, entry in entries if entry is not None and entry.context_path is not None), None)
        return f"it runs {found}, which comes with the project" if found else None
    entry = shell.around.view.find(join(shell.cwd, program))
    if entry is not None and entry.context_path is not None:
        return f"it runs {program}, which may read any file"
    if not _is_in_bin(program):
        return f"it runs {program}, which " + ("may read any file" if entry else "is not known")
    return None


def _is_in_bin(program: str) -> bool:
    return posixpath.basename(posixpath.dirname(program)) in ("bin", "sbin", "Scripts", "shims")


def _asked(argv: tuple[str, ...], env: dict[str, str]) -> PathSet:
    """Where ``which`` and its like look for the programs that they are asked about."""
    is_question = argv[0] in ("which", "type", "hash") or argv[:2] in (("command", "-v"), ("command", "-V"))
    found = PathSet()
    for name in argv[1:] if is_question else ():
        found |= lookup_probes(name, env) if not name.startswith("-") and UNKNOWN not in name else PathSet()
    return found


def _unknown(manager: Manager, tool: str, env: dict[str, str]) -> Effects:
    is_everyday = manager.kind == "command" and manager.role is Role.LOCAL
    name = unknown_variable(env, "" if is_everyday else manager.name)
    if name is None:
        return Effects()
    return Effects.blocked("path-unknown", f"the variable {name} of {tool} has a value that only a build can tell")


def run_piped_script(source: Command | None, shell: Shell) -> None:
    """Add the effects of a shell that runs what the command ``source`` puts out."""
    words = tuple(word.literal or "" for word in source.words) if source else ()
    if words[:1] in (("curl",), ("wget",)) and any(word.startswith(_INSTALLERS) for word in words):
        trees = PathSet.of(trees=(*SYSTEM_TREES, *(join(shell.home, name) for name in _HOME_NAMES)))
        shell.add(Effects(reads=trees, writes=trees, role=Role.SYSTEM, network=True))
        return
    shell.block("runs-downloaded-script", "it pipes a script into a shell, which may read and write any file")
