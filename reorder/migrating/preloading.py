"""To import this is to import all that the work may need: the fork server does it once, for all workers.

Elsewhere much is imported when it is needed first, so that one Dockerfile need not wait for all package managers.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import reorder.definitions.readers
import reorder.manifests
import reorder.migrating.bodies
import reorder.migrating.work
from reorder.definitions.kind import all_kinds
from reorder.manager import all_managers
from reorder.shell.grammar import bash_parser

_LAZY = (
    "dockerfile_parse", "e2b_dockerfile_utils.dockerignore", "email.parser", "encodings.utf_8_sig", "tempfile",
    "tree_sitter_hcl", "unidiff", "yaml",
)  # fmt: skip

for package in (reorder.manifests, reorder.definitions.readers):
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
for name in _LAZY:
    import_module(name)
all_kinds()
all_managers()
bash_parser()
