"""What is wrong with a definition, as an exception: it ends at one seam, in `reorder.definitions.find`."""

from __future__ import annotations


class DefinitionError(Exception):
    """A definition that cannot be followed, and why; ``line`` is 1-based, None: that of the definition itself.

    ``source`` is the file that is meant, if it is another one. ``is_warning``: see `Skipped`.
    """

    def __init__(self, why: str, line: int | None = None, source: str | None = None, *, is_warning: bool = False):
        super().__init__(why)
        self.why, self.line, self.source, self.is_warning = why, line, source, is_warning
