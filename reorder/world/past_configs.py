"""Whether the configuration that holds for a Dockerfile is another one than it was at a commit."""

from __future__ import annotations

from reorder.configuration.model import ConfigError, Given, Values
from reorder.configuration.nearest import Configurations
from reorder.configuration.resolve import resolve
from reorder.world.baseline import Baseline
from reorder.world.disk import DiskTree
from reorder.world.past import read_past


class ConfigurationsSince:
    """The configuration files of a repository, now and then."""

    def __init__(self, base: Baseline) -> None:
        self._now = Configurations(DiskTree(base.root), str)
        self._past = read_past(base.root, base.commit)
        self._then = Configurations(self._past, str)

    def differ(self, path: str, given: Given) -> bool:
        """Whether other values held for the Dockerfile at ``path``, seen from the repository's root."""
        return _values(self._now, path, given) != _values(self._then, path, given)

    def close(self) -> None:
        """End git."""
        self._past.close()


def _values(configurations: Configurations, path: str, given: Given) -> Values | None:
    """None: the file is wrong."""
    try:
        return resolve(configurations.nearest(path.rpartition("/")[0]), path, given).values
    except ConfigError:
        return None
