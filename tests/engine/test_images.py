"""The reader of saved images against archives made by hand."""

from __future__ import annotations

import io
import json
import tarfile

from engine.images import Files, differing_paths, read_images

Member = tuple[str, str, bytes]


def _tar(members: list[Member]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind, data in members:
            info = tarfile.TarInfo(name)
            info.type = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "hard": tarfile.LNKTYPE}[kind]
            info.mode = 0o755 if kind == "dir" else 0o644
            if kind == "hard":
                info.linkname, data = data.decode(), b""
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def _read(*layers: list[Member]) -> Files:
    names = [f"{index}/layer.tar" for index in range(len(layers))]
    manifest = json.dumps([{"RepoTags": ["x:1"], "Layers": names}]).encode()
    members = [(name, "file", _tar(layer)) for name, layer in zip(names, layers, strict=True)]
    return read_images(io.BytesIO(_tar([*members, ("manifest.json", "file", manifest)])))["x:1"]


def test_whiteouts_act_on_lower_layers_only() -> None:
    files = _read(
        [("d", "dir", b""), ("d/a", "file", b"1"), ("d/b", "file", b"1"), ("e", "dir", b""), ("e/x", "file", b"1")],
        [("d/.wh.a", "file", b""), ("e", "dir", b""), ("e/.wh..wh..opq", "file", b""), ("e/y", "file", b"2")],
    )
    assert sorted(files) == ["d", "d/b", "e", "e/y"]


def test_a_deleted_folder_takes_its_content_along() -> None:
    assert sorted(_read([("d", "dir", b""), ("d/a", "file", b"1")], [(".wh.d", "file", b"")])) == []


def test_a_folder_over_a_folder_keeps_the_children_and_a_file_does_not() -> None:
    lower = [("d", "dir", b""), ("d/a", "file", b"1")]
    assert sorted(_read(lower, [("d", "dir", b"")])) == ["d", "d/a"]
    assert sorted(_read(lower, [("d", "file", b"1")])) == ["d"]


def test_a_hard_link_counts_by_content() -> None:
    files = _read([("a", "file", b"1"), ("b", "hard", b"a")])
    assert files["a"] == files["b"]


def test_an_empty_layer_changes_nothing() -> None:
    assert sorted(_read([("a", "file", b"1")], [])) == ["a"]


def test_what_differs_and_what_is_noise() -> None:
    one = _read([("a", "file", b"1"), ("m.pyc", "file", b"MAGICxxx" + b"time" * 2 + b"code"), ("only", "file", b"")])
    other = _read([("a", "file", b"2"), ("m.pyc", "file", b"MAGICxxx" + b"emit" * 2 + b"code")])
    assert differing_paths(one, other) == {"a", "only"}
    assert differing_paths(one, other, edited=frozenset(["a"])) == {"only"}
    logs = _read([("var/log/dpkg.log", "file", b"1")])
    assert differing_paths(logs, {}) == set()
