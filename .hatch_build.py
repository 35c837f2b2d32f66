"""Puts the cases of the corpus that ``dockerfile-fix explain`` shows into the wheel, as one tar file."""

from __future__ import annotations

import os
import runpy
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ExamplesHook(BuildHookInterface):
    """Nothing for an editable install: there the corpus itself is beside the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Pack the examples of this source tree."""
        if version == "editable":
            return
        packer = runpy.run_path(os.path.join(self.root, "reorder", "world", "example_archive.py"))
        handle, self.path = tempfile.mkstemp(suffix=".tar")
        with os.fdopen(handle, "wb") as file:
            file.write(packer["pack_examples"](os.path.join(self.root, "corpus")))
        os.chmod(self.path, 0o644)
        build_data["force_include"][self.path] = "reorder/examples.tar"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        del build_data, artifact_path
        if version != "editable":
            os.unlink(self.path)
