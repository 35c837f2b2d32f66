"""gem, corepack, go, cargo: installs by name, and the files of the working directory that still count."""

from __future__ import annotations

import pytest
from command_call import effects_of

from reorder.effects import PathSet

SOURCES = PathSet.of("/app/package.json", "/app/Gemfile", "/app/go.mod", "/app/Cargo.toml", "/app/src/x")


@pytest.mark.parametrize(
    "line",
    [
        "gem install bundler -v 2.4 --no-document",
        "gem update --system",
        "corepack enable",
        "corepack enable pnpm",
        "corepack prepare pnpm@9.1.0 --activate",
        "corepack install -g yarn@4",
        "go install golang.org/x/tools/gopls@latest",
        "cargo install --locked cargo-chef --version 0.1",
        "cargo install --git https://example.org/x",
        "rustup target add x86_64-unknown-linux-musl",
    ],
)
def test_the_project_is_not_touched(line: str) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert not effects.reads.meets(SOURCES)
    assert not effects.writes.meets(SOURCES)


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("corepack prepare --activate", ["/app/package.json", "/package.json"]),
        ("corepack install", ["/app/package.json"]),
        ("corepack prepare yarn@4", ["/app/.corepack.env"]),
        ("cargo install x", ["/app/rust-toolchain.toml", "/rust-toolchain", "/app/.cargo/config.toml"]),
        ("rustup show", ["/app/rust-toolchain"]),
        ("gem install x", ["/app/.ruby-version"]),
        ("gem install ./x.gem", ["/app/x.gem"]),
        ("go version", ["/app/go.mod"]),
    ],
)
def test_probes_of_the_working_directory(line: str, paths: list[str]) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert all(effects.reads.has(path) for path in paths)


def test_a_gem_that_lies_around_is_taken() -> None:
    assert effects_of("gem install x", files={"/app/x-1.0.gem": ""}).reads.has("/app/x-1.0.gem")
    assert not effects_of("gem install x", base="ruby:3.2").reads.has("/app/.ruby-version")


@pytest.mark.parametrize(
    "line",
    [
        "go install ./...", "go install", "go build", "go mod download", "go install -modfile=x y@v1",
        "cargo install --path .", "cargo install", "cargo build", "cargo install --git file:///app x",
        "gem build x.gemspec", "gem install -g Gemfile", "gem install $",
        "corepack use pnpm@9", "corepack prepare ./x.tgz",
    ],
)  # fmt: skip
def test_project_code_and_doubts_are_refused(line: str) -> None:
    assert effects_of(line).blocks
