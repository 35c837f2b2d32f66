"""Packs the cases of the corpus that ``explain`` shows: a wheel carries them, since the corpus is outside the package.

The build of a wheel runs this file on its own, so that it imports nothing but the standard library.
"""

from __future__ import annotations

import io
import os
import tarfile

_WHY = "why.md"


def pack_examples(corpus: str) -> bytes:
    """A tar file of the cases below the folder ``corpus`` whose front matter has a line ``example:``.

    Links and modes are kept; dates and owners are not, so that the same cases always give the same bytes. Empty if
    there is no such folder.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(os.listdir(corpus)) if os.path.isdir(corpus) else ():
            folder = os.path.join(corpus, name)
            if read_example_topics(_read(os.path.join(folder, _WHY))):
                archive.add(folder, arcname=name, filter=_plain)
    return buffer.getvalue()


def read_example_topics(why: str) -> tuple[str, ...]:
    """What a case is the example of, by the text of its ``why.md``: slugs and package managers."""
    front = why.partition("\n---\n")[0]
    lines = (line.partition(":") for line in front.splitlines())
    return tuple(topic for key, _, value in lines if key == "example" for topic in value.split())


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
