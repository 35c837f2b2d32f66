"""A program that answers like ``docker``, without an engine: what a Dockerfile says in comments happens.

``# is: TEXT``: the image holds a file of this content; ``# fails: WORDS``: the build fails with these words, ``# fails
once: WORDS``: only the first time, ``# fails later: WORDS``: after another build has failed, ``# fails in NAME:
WORDS``: in the build context of that name; ``# hangs``. Images are files in the folder ``STAND_IN``, as is a log of all
commands.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tarfile
import time
from pathlib import Path

HOME = Path(os.environ["STAND_IN"])


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def layer(text: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        add(archive, "file", text.encode())
    return stream.getvalue()


def save(tags: list[str]) -> None:
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        manifest = []
        for tag in reversed(tags):  # docker keeps no order, either
            text = (HOME / tag).read_text()
            name, config = f"{text.strip()}/layer.tar", f"{tag}.json"
            add(archive, name, layer(text))
            add(archive, config, json.dumps({"config": {"Labels": {"a": "b"}}}).encode())
            manifest.append({"Config": config, "RepoTags": [tag], "Layers": [name]})
        add(archive, "manifest.json", json.dumps(manifest).encode())


def build(words: list[str]) -> int:
    text = Path(words[words.index("--file") + 1]).read_text()
    sys.stdout.write("#5 [1/2] FROM x\n#5 DONE 0.0s\n#6 [2/2] RUN y\n")
    sys.stdout.flush()
    if "# hangs" in text:
        time.sleep(600)
    once = HOME / "failed-once"
    match = re.search(r"# fails(?P<when> once| later)?(?: in (?P<where>\w+))?: (?P<words>.*)", text)
    is_here = match is not None and words[-1].endswith(match["where"] or "")
    if match and is_here and (match["when"] is None or once.exists() == (match["when"] == " later")):
        once.touch()
        sys.stdout.write(f"#6 ERROR: process\n------\nERROR: failed to solve: {match['words']}\n")
        return 1
    sys.stdout.write(f"#6 {'DONE 1.5s' if '--no-cache' in words else 'CACHED'}\n")
    found = re.search(r"# is: (.*)", text)
    (HOME / words[words.index("--tag") + 1]).write_text(found[1] if found else "same")
    return 0


def main(words: list[str]) -> int:
    with (HOME / "commands").open("a") as log:
        log.write(json.dumps(words) + "\n")
    if words[0] == "version":
        if problem := os.environ.get("STAND_IN_PROBLEM"):
            sys.stderr.write(problem + "\n")
            return 1
        return 0
    if words[0] == "build":
        return build(words)
    if words[0] == "save":
        if os.environ.get("STAND_IN_SAVE") == "breaks":
            sys.stdout.buffer.write(layer("x")[:700])
            sys.stderr.write("Error response from daemon: the disk went away\n")
            return 1
        if os.environ.get("STAND_IN_SAVE") == "zstd":
            with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
                add(archive, "layer", b"\x28\xb5\x2f\xfd" + bytes(10**6))
            return 0
        save(words[1:])
    if words[:2] == ["image", "rm"]:
        for tag in words[3:]:
            (HOME / tag).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
