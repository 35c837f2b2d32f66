"""The messages of the commits that a migration makes, from a template."""

from __future__ import annotations

from string import Template

from reorder.outcome import Changed
from reorder.output.text import printable
from reorder.repository_outcome import RepositoryOutcome

PLACEHOLDERS = ("$repository", "$owner", "$count", "$files")

MESSAGE = """Keep dependency installs cached

Docker runs an instruction again when anything above it has changed. These
Dockerfiles are reordered, so that an edit of a source file does not install
the dependencies again:

$files

What the image holds is the same as before.
"""


def fill_message(template: str, outcome: RepositoryOutcome) -> str:
    """The template with the repository's name and owner, the number of changed Dockerfiles, and their paths.

    Raises KeyError or ValueError if it has another placeholder, or a lonely ``$`` (``$$`` stands for one).
    """
    files = [printable(each.path) for each in outcome.outcomes if isinstance(each, Changed)]
    values = (outcome.name, outcome.owner or "", str(len(files)), "\n".join(f"- {file}" for file in files))
    return Template(template).substitute(
        {name.removeprefix("$"): value for name, value in zip(PLACEHOLDERS, values, strict=True)}
    )
