"""A base image of a few programs, those of the host: one of 180 MB takes seconds to read each time."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

_PROGRAMS = "sh cat chmod chown cp date head ln mkdir mktemp rm sleep test touch"
_PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"


def lay_out_small(folder: Path) -> Path:
    """A build context, with its Dockerfile, of the image."""
    root = folder / "root"
    for name in ("bin", "etc", "srv", "tmp", "var/log", "var/tmp"):
        (root / name).mkdir(parents=True)
    (root / "etc/passwd").write_text(_PASSWD)
    for name in _PROGRAMS.split():
        program = shutil.which(name)
        assert program is not None, name
        shutil.copy(program, root / "bin" / name)
        listed = subprocess.run(("ldd", program), capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+) \(0x", listed):
            target = root / library.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, target)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY root /\nENV PATH=/bin\n")
    return folder
