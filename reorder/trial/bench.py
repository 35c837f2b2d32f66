"""The place where images are built: names them, keeps builds apart, and takes everything away at the end."""

from __future__ import annotations

import os
import sqlite3
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from reorder.verifying.archive import SavedImage, read_archive
from reorder.verifying.store import ArchiveError, Store
from reorder.verifying.verdict import Pair, Timing, Variant, Watch
from reorder.world.builders.model import Build, Builder, BuilderError, BuildOptions, Job
from reorder.world.scratch import temporary_database, temporary_folder, uninterrupted

REPOSITORY = "dockerfile-fix-verify"
"""All our images are tags of it, so that a person can tell whose they are."""


class Bench:
    """One trial's builds. ``folder``: for files of ours; ``configs``: of each image that was read, by its number."""

    def __init__(
        self, builder: Builder, pair: Pair, options: BuildOptions, watch: Watch, folder: str, store: Store
    ) -> None:
        self.builder, self.pair, self.options, self.watch = builder, pair, options, watch
        self.folder, self.store = folder, store
        self.run = uuid.uuid4().hex[:12]
        self.configs: dict[int, dict[str, Any]] = {}
        self.timings: list[Timing] = []
        self.tags: list[str] = []

    def tag(self, label: str) -> str:
        """The name of the image that ``build(label, …)`` makes."""
        return f"{REPOSITORY}:{self.run}-{label}"

    def build(self, label: str, variant: Variant) -> Build:
        """Build without cache, in the user's own context."""
        done = self._build(label, label, variant, self.pair.context, use_cache=False)
        if done.error is None:
            self.timings.append(Timing(label, round(done.seconds, 1)))
        return done

    def rebuild(self, label: str, first: str, variant: Variant, context: str) -> Build:
        """Build from the cache that the build ``first`` left, in another context."""
        return self._build(label, first, variant, context, use_cache=True)

    def _build(self, label: str, key: str, variant: Variant, context: str, *, use_cache: bool) -> Build:
        dockerfile = os.path.join(self.folder, f"{label}.Dockerfile")
        _write(dockerfile, variant.text)
        ignore_file = None
        if variant.ignore is not None:
            ignore_file = dockerfile + ".dockerignore"
            _write(ignore_file, variant.ignore)
        tag = self.tag(label)
        self.tags.append(tag)  # before it exists: an interrupt may come when it just does
        job = Job(
            tag=tag, context=context, dockerfile=dockerfile, ignore_file=ignore_file,
            key=f"{zlib.crc32(f'{self.run}-{key}'.encode()):08x}", use_cache=use_cache, options=self.options,
        )  # fmt: skip
        self.watch.begin(label)
        done = self.builder.build(job, self.watch.step)
        self.watch.end("failed" if done.error else f"{done.seconds:.1f} s")
        return done

    def read(self, *images: tuple[str, int]) -> None:
        """Read the files and the configuration of these images (label and number) into the store.

        Raises `BuilderError`.
        """
        numbers = {self.tag(label): number for label, number in images}
        self.watch.begin("reading the images")
        try:
            for tags, archive in self.builder.save(list(numbers)):
                with archive as stream:
                    found = read_archive(stream, self.store)
                for tag in tags:
                    image = _find(tag, found)
                    self.store.merge(numbers[tag], image.layers)
                    self.configs[numbers[tag]] = image.config
        except ArchiveError as error:
            raise BuilderError(str(error)) from None
        except sqlite3.Error as error:
            raise BuilderError(f"no room for the list of files in the temporary folder: {error}") from None
        self.watch.end()

    def forget(self, *labels: str) -> None:
        """Take images away that are needed no more."""
        self.builder.remove([self.tag(label) for label in labels])


def _find(tag: str, images: Sequence[SavedImage]) -> SavedImage:
    """The image of that tag: builders put a registry in front, list images in any order, and an image that has two of
    our tags only once.
    """
    found = [image for image in images if any(name.endswith(tag) for name in image.tags)]
    if len(found) != 1:
        raise BuilderError(f"the builder was asked for {tag}, and sent {[image.tags for image in images]}")
    return found[0]


@contextmanager
def open_bench(builder: Builder, pair: Pair, options: BuildOptions, watch: Watch) -> Iterator[Bench]:
    """A bench that leaves nothing behind: no image, container or file, whatever ends it."""
    with temporary_folder() as folder, temporary_database() as database:
        bench = Bench(builder, pair, options, watch, folder, Store(database))
        try:
            yield bench
        finally:
            with uninterrupted():
                builder.remove(bench.tags)


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
