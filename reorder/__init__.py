"""dockerfile-fix: reorder Dockerfiles so that dependency installs stay cached, without changing the image."""

from reorder.api import Settings, fix_file, fix_text
from reorder.outcome import Changed, Failed, Unchanged

__all__ = ["Changed", "Failed", "Settings", "Unchanged", "fix_file", "fix_text"]
