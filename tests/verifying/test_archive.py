"""The reader of saved images against archives made by hand."""

from __future__ import annotations

import hashlib
import io

import pytest
from archives import Member, files, open_store, saved, tar

from reorder.verifying.archive import read_archive
from reorder.verifying.store import ArchiveError


def names(*layers: list[Member], last: bool = True) -> list[str]:
    return list(files(*layers, last=last))


@pytest.mark.parametrize("last", [True, False])
def test_whiteouts_act_on_lower_layers_only(last: bool) -> None:
    lower = [Member("d", "dir"), Member("d/a"), Member("d/b"), Member("e", "dir"), Member("e/x")]
    upper = [Member("d/.wh.a"), Member("e", "dir"), Member("e/.wh..wh..opq"), Member("e/y")]
    assert names(lower, upper, last=last) == ["d", "d/b", "e", "e/y"]


def test_a_deleted_folder_takes_its_content_along_and_nothing_else() -> None:
    assert names([Member("d", "dir"), Member("d/a"), Member("d-2"), Member("d0")], [Member(".wh.d")]) == ["d-2", "d0"]


def test_a_whiteout_below_what_the_same_layer_brings() -> None:
    assert names([Member("d", "dir"), Member("d/a")], [Member("d", "dir"), Member("d/a"), Member("d/.wh.a")]) == [
        "d",
        "d/a",
    ]


def test_a_folder_over_a_folder_keeps_the_children_and_a_file_or_link_does_not() -> None:
    lower = [Member("d", "dir"), Member("d/a")]
    assert names(lower, [Member("d", "dir", mode=0o700)]) == ["d", "d/a"]
    assert names(lower, [Member("d")]) == ["d"]
    assert names(lower, [Member("d", "link", b"x")]) == ["d"]
    assert files(lower, [Member("d", "dir", mode=0o700)])["d"][1] == 0o700


def test_everything_that_makes_a_path() -> None:
    found = files([
        Member("f", data=b"text", mode=0o4755, owner=(1000, 50), xattrs={"security.capability": "cap"}),
        Member("l", "link", b"/to"), Member("n", "device", numbers=(1, 3)), Member("p", "pipe"),
        Member("d", "dir", mode=0o1777),
    ])  # fmt: skip
    digest = hashlib.sha256(b"text").digest()
    assert found["f"] == ("f", 0o4755, 1000, 50, digest, b"security.capability=cap")
    assert found["l"][0::4] == ("l", b"/to")
    assert found["n"][0::4] == ("c", b"1:3")
    assert found["p"][0] == "p"
    assert found["d"][:2] == ("d", 0o1777)


def test_a_hard_link_counts_by_content_even_into_a_lower_layer() -> None:
    found = files([Member("a", data=b"1", mode=0o600)], [Member("b", "hard", b"a")])
    assert found["a"] == found["b"]
    assert files([Member("a", data=b"1"), Member("b", "hard", b"a")])["b"][0] == "f"


def test_a_hard_link_to_nothing_is_no_image() -> None:
    with pytest.raises(ArchiveError, match="hard link to what it lacks: b"):
        files([Member("b", "hard", b"gone")])


def test_names_are_any_bytes_of_any_length() -> None:
    odd = b"d/\xff\n".decode("utf-8", "surrogateescape")
    assert names([Member("x/" * 120 + "long"), Member(odd), Member("./dot/"), Member("/root")]) == sorted(
        ["d/\udcff\n", "dot", "root", "x/" * 120 + "long"]
    )


def test_layers_that_are_empty_or_packed() -> None:
    assert names([Member("a")], []) == ["a"]
    assert list(files([Member("a", data=bytes(10**6))], [Member("b")], zipped=True)) == ["a", "b"]


def test_a_file_that_fills_no_block_and_one_of_many_pieces() -> None:
    found = files([Member("empty"), Member("large", data=b"ab" * 10**6)])
    assert found["empty"][4] == hashlib.sha256(b"").digest()
    assert found["large"][4] == hashlib.sha256(b"ab" * 10**6).digest()


def test_a_layer_that_stands_in_the_archive_as_a_link() -> None:
    manifest = b'[{"Config": "c.json", "RepoTags": ["x:1"], "Layers": ["one/layer.tar", "two/layer.tar"]}]'
    archive = tar([
        Member("one/layer.tar", data=tar([Member("a")])), Member("two/layer.tar", "link", b"../one/layer.tar"),
        Member("c.json", data=b"{}"), Member("manifest.json", data=manifest),
    ])  # fmt: skip
    (image,) = read_archive(io.BytesIO(archive), open_store())
    assert len(image.layers) == 2
    assert image.layers[0] == image.layers[1]


def test_pyc_files_differ_by_more_than_the_time_of_their_source() -> None:
    def content(data: bytes) -> object:
        return files([Member("m.pyc", data=data)])["m.pyc"][4]

    head = b"\xa7\r\r\n\0\0\0\0"
    assert content(head + b"12345678" + b"code") == content(head + b"abcdefgh" + b"code")
    assert content(head + b"12345678" + b"code") != content(head + b"12345678" + b"CODE")
    hashed = b"\xa7\r\r\n\1\0\0\0"
    assert content(hashed + b"12345678" + b"code") != content(hashed + b"abcdefgh" + b"code")


def test_the_random_name_of_composers_autoloader_is_no_difference() -> None:
    def content(digits: bytes) -> object:
        text = b"<?php class ComposerAutoloaderInit" + digits + b" {}"
        return files([Member("app/vendor/composer/autoload_real.php", data=text)]).popitem()[1][4]

    assert content(b"0" * 32) == content(b"1" * 32)
    assert content(b"0" * 32) != content(b"1" * 31)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "breaks off"),
        (b"no tar at all" * 100, "breaks off"),
        (saved([Member("a", data=bytes(10000))], last=False)[:-16000], "breaks off|lacks its layer"),
        (tar([Member("x.json", data=b"{}")]), "no manifest.json"),
        (tar([Member("manifest.json", data=b"[{]")]), "cannot be read"),
        (tar([Member("manifest.json", data=b'[{"Config": "c", "Layers": ["gone"]}]')]), "cannot be read"),
        (tar([Member("manifest.json", data=b'[{"Config": "c", "Layers": ["x"]}]'), Member("c", data=b"{}")]), "lacks"),
        (tar([Member("layer", data=b"\x28\xb5\x2f\xfd" + bytes(600))]), "zstd"),
    ],
)
def test_an_archive_that_is_none(data: bytes, message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        read_archive(io.BytesIO(data), open_store())
