"""May a copy sink below a step? The hazards between the two, in the compiler's words.

Read after write: the step reads what the copy brings; curable by copying those files early. Write after read and write
after write: the copy, coming last, would overwrite what the step made; not curable. (RULEBOOK B2-B4.)
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from reorder.analysis.copies import Copy, Placement
from reorder.analysis.steps import Step
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.effects import Effects, Output, ancestors, is_within
from reorder.manager import UNKNOWN
from reorder.source import Opaque

_ACCOUNT_FILES = ("/etc/passwd", "/etc/group")


class Crossing(NamedTuple):
    """A copy may sink below a step, on conditions.

    First ``needed`` is copied on its own; ``outputs`` must never come from the context; ``directories`` must
    exist for the step, and this copy would have made them.
    """

    needed: tuple[Placement, ...] = ()
    outputs: tuple[tuple[Output, str], ...] = ()
    directories: tuple[str, ...] = ()


class Sinking(NamedTuple):
    """A copy on its way down. ``existing``: directories that are there before it, whatever it does."""

    step: Step
    copy: Copy
    context: BuildContext
    existing: frozenset[str]

    def shares_new_directory(self, path: str) -> bool:
        """Whether making ``path`` may make a directory that this copy would have made: its destination or one above."""
        return not self.new_directories.isdisjoint((path, *ancestors(path)))

    @property
    def new_directories(self) -> frozenset[str]:
        """Directories that may come into being by this copy: those of its destination, and missing ones above."""
        own = [self.copy.dest] if self._brings_directory else []
        return frozenset((*own, *ancestors(self.copy.dest))) - self.existing

    @property
    def _brings_directory(self) -> bool:
        """Whether the destination may be a directory, rather than a file."""
        placements = self.copy.placements
        return not placements or any(p.kind is Kind.DIRECTORY or p.target != self.copy.dest for p in placements)

    def depends_on_directory(self, path: str) -> bool:
        """Whether making ``path`` decides what the destination is: a directory that takes the file in, or the file."""
        targets = [placement.target for placement in self.copy.placements if placement.kind is not Kind.DIRECTORY]
        is_open = len(targets) == 2 and self.copy.dest in targets and self.copy.dest not in self.existing
        return is_open and is_within(path, self.copy.dest)

    @property
    def owner(self) -> str:
        """The text of ``--chown``, empty for root."""
        flag = self.step.instruction.flag("chown")
        return flag.value or "" if flag else ""


def cross(sinking: Sinking, step: Step, *, has_narrow: bool) -> Crossing | Opaque:
    """What it takes to bring the copy below ``step``.

    ``has_narrow`` says that files of the copy were already copied early, which made its destination directory.
    """
    if step.effects is not None:
        return _cross_run(sinking, step.effects, has_narrow=has_narrow)
    if step.copy is not None:
        return _cross_copy(sinking, step, step.copy, has_narrow=has_narrow)
    if step.instruction.keyword == "WORKDIR":
        return _cross_workdir(sinking, step, has_narrow=has_narrow)
    return Crossing()


def _cross_workdir(sinking: Sinking, step: Step, *, has_narrow: bool) -> Crossing | Opaque:
    """WORKDIR makes missing directories, owned by the current user on BuildKit (RULEBOOK B1, F14)."""
    path, dest = step.state.expand(step.instruction.words[0]), sinking.copy.dest
    target = posixpath.normpath(posixpath.join(step.state.workdir, path))
    if sinking.depends_on_directory(target):
        return Opaque("copies-overlap", f"WORKDIR {path} would turn the copied file {dest} into a directory")
    if has_narrow or not sinking.shares_new_directory(target):
        return Crossing()
    if sinking.owner or step.state.user not in ("", "root", "0", "0:0", "root:root"):
        return Opaque(
            "ownership-would-change", f"WORKDIR {path} would make {dest} with another owner than the copy does"
        )
    return Crossing()


def _cross_copy(sinking: Sinking, step: Step, other: Copy, *, has_narrow: bool) -> Crossing | Opaque:
    copy = sinking.copy
    flags_differ = _attributes(sinking.step) != _attributes(step)
    if (path := _find_overlap(sinking, other, flags_differ=flags_differ)) is not None:
        return Opaque("copies-overlap", f"the copy in line {step.instruction.line} also writes {path}")
    files = {placement.target for placement in other.placements if placement.kind is not Kind.DIRECTORY}
    if files & sinking.new_directories or any(sinking.depends_on_directory(p.target) for p in other.placements):
        return Opaque("copies-overlap", f"the copy in line {step.instruction.line} finds a directory or makes a file")
    if flags_differ and not has_narrow and sinking.shares_new_directory(other.dest):
        return Opaque("ownership-would-change", f"the copy in line {step.instruction.line} would make {copy.dest}")
    return Crossing()


def _find_overlap(sinking: Sinking, other: Copy, *, flags_differ: bool) -> str | None:
    """A path that both copies write, and not alike."""
    copy, context = sinking.copy, sinking.context
    for placement in other.placements:
        for mine in _present(copy, placement.target, context):
            if mine.source != placement.source or flags_differ:
                return placement.target
        for own in copy.placements:
            if placement.kind is not Kind.DIRECTORY or own.target == placement.target:
                continue
            if is_within(own.target, placement.target):
                inner = own.target[len(placement.target.rstrip("/")) + 1 :]
                theirs = posixpath.join(placement.source, inner)
                if context.kind(theirs) is not None and (theirs != own.source or flags_differ):
                    return own.target
    if not other.placements and other.may_write() and _may_overlap(copy, other.dest, context):
        return other.dest
    return None


def _attributes(step: Step) -> tuple[str | None, ...]:
    flags = (step.instruction.flag(name) for name in ("chown", "chmod", "link"))
    return tuple(flag.raw if flag else None for flag in flags)


def _may_overlap(copy: Copy, dest: str, context: BuildContext) -> bool:
    if UNKNOWN in dest and not is_within(dest, copy.dest):
        return True
    if not copy.placements:
        return is_within(dest, copy.dest) or is_within(copy.dest, dest)
    return any(is_within(p.target, dest) for p in copy.placements) or bool(_present(copy, dest, context))


def _present(copy: Copy, path: str, context: BuildContext) -> list[Placement]:
    """What the copy brings to exactly ``path``: folders merge, of files the last one counts."""
    found = [
        Placement(p.source, kind, path) for p in copy.origins(path) if (kind := context.kind(p.source)) is not None
    ]
    if len(found) < 2 or all(placement.kind is Kind.DIRECTORY for placement in found):
        return found
    return found[-1:]


def _cross_run(sinking: Sinking, effects: Effects, *, has_narrow: bool) -> Crossing | Opaque:
    if effects.blocks:
        return effects.blocks[0]
    if effects.reads.everything or effects.writes.everything:
        return Opaque("unknown-command", "it may read and write any file")
    if not sinking.copy.placements:
        return _cross_run_unseen(sinking, effects)
    crossing = _reads(sinking, effects)
    if isinstance(crossing, Opaque):
        return crossing
    hazard = _find_write_hazard(sinking, effects, has_narrow=has_narrow or bool(crossing.needed))
    return hazard or crossing


def _cross_run_unseen(sinking: Sinking, effects: Effects) -> Crossing | Opaque:
    """A copy whose files are not known one by one (from another stage): its whole destination counts."""
    copy = sinking.copy
    tree = copy.may_write()
    if effects.reads.meets(tree):
        return Opaque("reads-copied-files", f"the step may read what is copied to {copy.dest}")
    outputs = any(is_within(o.path, copy.dest) or is_within(copy.dest, o.path) for o in effects.outputs)
    if effects.writes.meets(tree) or outputs:
        return Opaque("writes-copied-files", f"the step may write what is copied to {copy.dest}")
    return Crossing(directories=_find_directories(sinking, effects))


def _reads(sinking: Sinking, effects: Effects) -> Crossing | Opaque:
    copy, context = sinking.copy, sinking.context
    needed: dict[Placement, None] = {}
    for path in copy.near(effects.reads.files):
        needed |= {found: None for found in _present(copy, path, context) if found.kind is not Kind.DIRECTORY}
    roots = {placement.source for placement in copy.placements if placement.kind is Kind.DIRECTORY}
    for tree in effects.reads.trees:
        for found in _present(copy, tree, context):
            if found.source in roots:
                return Opaque("reads-copied-files", f"the step reads all that is copied to {tree}{_why(effects)}")
            needed[found] = None
        for placement in copy.placements:
            if placement.target != tree and is_within(placement.target, tree) and not _is_own_script(placement):
                if placement.kind is Kind.DIRECTORY:
                    return Opaque("reads-copied-files", f"the step may read all that is copied to {placement.target}")
                needed[placement] = None
    for found in needed:
        if found.kind is Kind.SYMLINK or context.passes_symlink(found.source):
            return Opaque("manifest-is-a-symlink", f"{found.source} is reached through a symbolic link")
        if found.kind is Kind.OTHER:
            return Opaque("manifest-not-a-file", f"{found.source} is neither a file nor a directory")
    return Crossing(
        needed=tuple(needed),
        directories=_find_directories(sinking, effects),
        outputs=_shared_outputs(copy, effects),
    )


def _find_directories(sinking: Sinking, effects: Effects) -> tuple[str, ...]:
    """Directories that the step uses or writes in, and that this copy would have made (RULEBOOK B2.4, N9)."""
    written = (*effects.writes.files, *effects.writes.trees, *(output.path for output in effects.outputs))
    used = dict.fromkeys((*effects.reads.files, *(above for path in written for above in ancestors(path))))
    new, copy, context = sinking.new_directories, sinking.copy, sinking.context
    brought = {
        path
        for path in copy.near(used)
        if any(found.kind is Kind.DIRECTORY for found in _present(copy, path, context))
    }  # fmt: skip
    return tuple(path for path in used if path in new or path in brought)


def _is_own_script(placement: Placement) -> bool:
    """A start script in ``/usr/local/bin``: distributions put nothing there (Debian policy 9.1.2, FHS 3.0), and no
    installer runs or makes a program of that name (tried on a real engine: core-start-script-before-packages).
    """
    folder, name = posixpath.split(placement.target)
    is_script = "entrypoint" in name or name.startswith("wait-for")
    return placement.kind is Kind.FILE and is_script and folder in ("/usr/local/bin", "/usr/local/sbin")


def _why(effects: Effects) -> str:
    return f" ({effects.evidence[0]})" if effects.evidence else ""


def _shared_outputs(copy: Copy, effects: Effects) -> tuple[tuple[Output, str], ...]:
    """Outputs of the step that the copy would bring as well, with their paths in the context."""
    found: dict[tuple[Output, str], None] = {}
    for output in effects.outputs:
        for placement in copy.origins(output.path):
            found[output, placement.source] = None
    return tuple(found)


def _find_write_hazard(sinking: Sinking, effects: Effects, *, has_narrow: bool) -> Opaque | None:
    copy, context = sinking.copy, sinking.context
    for path in (*effects.writes.files, *effects.writes.trees):
        for found in _present(copy, path, context):
            if path == copy.dest and found.kind is Kind.DIRECTORY and path in effects.writes.files:
                continue  # the destination directory itself: a copy leaves its metadata alone if it exists
            return Opaque("writes-copied-files", f"the step changes {path}, which the copy would then overwrite")
        is_directory = is_within(copy.dest, path) and copy.dest not in sinking.existing and path in effects.writes.files
        if not has_narrow and (is_directory or (sinking.owner and sinking.shares_new_directory(path))):
            return Opaque("ownership-would-change", f"the step would make {copy.dest} instead of the copy")
    for tree in effects.writes.trees:
        if any(is_within(p.target, tree) and not _is_own_script(p) for p in copy.placements):
            return Opaque("writes-copied-files", f"the step writes in {tree}, where the copy goes")
    is_named = bool(sinking.owner) and not sinking.owner.replace(":", "").isdigit()
    if is_named and any(name in effects.writes.files for name in _ACCOUNT_FILES):
        why = f"--chown={sinking.owner} is looked up in files that the step changes"
        return Opaque("ownership-would-change", why)
    return None
