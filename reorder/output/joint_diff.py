"""The patches of several Dockerfiles as one diff, although two of them may add lines to the same ignore file."""

from __future__ import annotations

from reorder.outcome import Changed, FileChange
from reorder.output.diff import split_lines, unified_diff


class JointDiff:
    """Each patch is worked out for the files as they are; here one follows upon the other, as `git apply` wants it."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}

    def add(self, outcome: Changed) -> str:
        """The diff from what the patches before it leave behind."""
        files = outcome.files
        if self._written.keys().isdisjoint(file.path for file in files):
            diff = outcome.diff
        else:
            files = tuple(map(self._after, files))
            diff = "".join(unified_diff(file.old, file.new, file.path) for file in files)
        self._written |= {file.path: file.new for file in files}
        return diff

    def _after(self, file: FileChange) -> FileChange:
        """The ignore file gets those of its new lines that it does not have yet; all of them stand at its end."""
        before = self._written.get(file.path)
        if before is None:
            return file
        old, present = split_lines(file.old or ""), split_lines(before)
        added = (line for line in split_lines(file.new)[len(old) :] if line not in present[len(old) :])
        return FileChange(file.path, before, before + "".join(added))
