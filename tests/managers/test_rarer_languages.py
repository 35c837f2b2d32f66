"""R, Swift, Dart, Nim and Haskell: what moves, what it reads, and what is refused."""

from __future__ import annotations

import pytest
from command_call import effects_of
from test_jvm_builds import prefetch_of

PUBSPEC = "name: a\ndependencies:\n  b:\n    path: ../b\n"
PACKAGE = (
    'let package = Package(dependencies: [.package(path: "B"), .package(url: "https://x.org/y", from: "1.0.0")])\n'
)
RENV = {"/app/renv.lock": '{"R": {}, "Packages": {}}', "/app/.Rprofile": 'source("renv/activate.R")\n'}
FILES = {
    "/app/Package.swift": PACKAGE, "/app/Package.resolved": "{}", "/app/B/Package.swift": "",
    "/app/pubspec.yaml": PUBSPEC, "/app/pubspec.lock": "", "/b/pubspec.yaml": "name: b\n",
    "/app/shop.nimble": "", "/app/stack.yaml": "packages: [x]\n", "/app/x/x.cabal": "", "/app/shop.cabal": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "files", "reads"),
    [
        ("R -e \"install.packages(c('a', 'b'), repos='https://x.org', Ncpus=4)\"", {}, ["/app/.Rprofile"]),
        ("Rscript -e 'remotes::install_version(\"a\", version = \"1.0\")'", {}, ["/app/.Renviron"]),
        ("install2.r --error --ncpus 4 a b", {}, ["/app/.Rprofile"]),
        ("R -e 'renv::restore()'", RENV, ["/app/renv.lock", "/app/renv/activate.R", "/app/renv/settings.json"]),
        ("swift package resolve", FILES, ["/app/Package.swift", "/app/Package.resolved", "/app/B/Package.swift"]),
        ("dart pub get", FILES, ["/app/pubspec.yaml", "/app/pubspec.lock", "/b/pubspec.yaml"]),
        ("dart pub global activate webdev", {}, []),
        ("nimble install -dy", FILES, ["/app/shop.nimble", "/app/nimble.lock"]),
        ("nimble install -y jester", {}, []),
        ("stack setup", FILES, ["/app/stack.yaml"]),
        ("stack build --only-dependencies", FILES, ["/app/stack.yaml", "/app/stack.yaml.lock", "/app/x/x.cabal"]),
        ("cabal build --only-dependencies", FILES, ["/app/shop.cabal", "/app/cabal.project"]),
        ("cabal update", {}, ["/app/cabal.project"]),
    ],
)  # fmt: skip
def test_what_moves_with_a_doubt(line: str, files: dict[str, str], reads: list[str]) -> None:
    effects = effects_of(line, files=files)
    assert not effects.blocks
    assert effects.doubts
    assert all(effects.reads.has(path) for path in reads)
    assert not effects.reads.has("/app/src/main")
    assert not effects.writes.has("/app/src/main")


@pytest.mark.parametrize(
    ("line", "files", "slug"),
    [
        ("Rscript install.R", {}, "project-code"),
        ("R -e \"source('x.R')\"", {}, "project-code"),
        ("R -e 'x <- readLines(\"p\"); install.packages(x)'", {}, "project-code"),
        ("R -e \"install.packages('./x.tar.gz', repos=NULL)\"", {}, "unknown-argument"),
        ("R -e \"install.packages('a')\"", {"/app/.Rprofile": "library(x)\n"}, "project-code"),
        ("R -e 'renv::restore()'", {}, "manifest-not-found"),
        ("R CMD INSTALL .", {}, "project-code"),
        ("install2.r ./pkg", {}, "unknown-argument"),
        ("swift build", FILES, "install-builds-project"),
        ("swift test", FILES, "project-code"),
        ("swift package resolve", {"/app/Package.swift": ".package(path: where)"}, "manifest-not-understood"),
        ("swift package --odd resolve", FILES, "unknown-option"),
        ("dart compile exe bin/a.dart -o a", FILES, "project-code"),
        ("flutter build web", FILES, "install-builds-project"),
        ("dart pub get", {}, "manifest-not-found"),
        ("dart pub get", {"/app/pubspec.yaml": "flutter: {generate: true}"}, "install-runs-project-code"),
        ("dart pub get", {"/app/pubspec.yaml": "resolution: workspace"}, "inside-a-workspace"),
        ("dart pub global activate -s path .", FILES, "unknown-argument"),
        ("nimble build", FILES, "install-builds-project"),
        ("nimble test", FILES, "project-code"),
        ("nimble install ./x", FILES, "unknown-argument"),
        ("nimble install -d", {}, "manifest-not-found"),
        ("stack build", FILES, "install-builds-project"),
        ("stack test", FILES, "project-code"),
        ("stack --stack-yaml x.yaml build --only-dependencies", FILES, "unknown-option"),
        ("stack build --only-dependencies", {"/app/stack.yaml": "extra-deps: [./v]"}, "manifest-not-understood"),
        ("cabal build --only-dependencies", {"/app/cabal.project": "import: x"}, "manifest-not-understood"),
        ("cabal run", FILES, "project-code"),
    ],
)  # fmt: skip
def test_refusals(line: str, files: dict[str, str], slug: str) -> None:
    assert [block.slug for block in effects_of(line, files=files).blocks] == [slug]


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("swift build -c release", ("swift", "package", "resolve")),
        ("flutter build web --release", ("flutter", "pub", "get")),
        ("nimble build -d:release", ("nimble", "install", "--depsOnly", "-y")),
        ("stack install", ("--only-dependencies",)),
        ("cabal build all", ("--only-dependencies",)),
    ],
)
def test_a_build_fetches_first(line: str, form: tuple[str, ...]) -> None:
    found = prefetch_of(line, FILES)
    assert found is not None
    assert found.argv + found.flags == form
    assert found.doubts
    assert found.leaves


@pytest.mark.parametrize("line", ["swift build", "flutter build web", "nimble build", "stack build", "cabal build"])
def test_nothing_is_fetched_without_manifests(line: str) -> None:
    assert prefetch_of(line, {}) is None


@pytest.mark.parametrize("line", ["stack build --only-dependencies", "stack build $", "cabal install", "swift test"])
def test_nothing_to_fetch_first(line: str) -> None:
    assert prefetch_of(line, FILES) is None
