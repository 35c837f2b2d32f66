"""go: which manifests a download reads, when it would write them, and what stands in for a build's own downloads."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from command_call import MemoryView, effects_of

from reorder.effects import Effects, Role
from reorder.manager import Call, Prefetch
from reorder.managers.go import find_prefetch

MOD = "module example.com/app\n\ngo 1.20\n\nrequire (\n\tgithub.com/a/b v1.2.3 // why\n)\n"
SUM = "github.com/a/b v1.2.3 h1:x=\ngithub.com/a/b v1.2.3/go.mod h1:y=\n"
FILES = {"/app/go.mod": MOD, "/app/go.sum": SUM, "/app/main.go": ""}


def download(files: Mapping[str, str], line: str = "go mod download", **more: object) -> Effects:
    return effects_of(line, files={**FILES, **files}, **more)  # type: ignore[arg-type]


def prefetch(line: str, files: Mapping[str, str] = FILES, env: Mapping[str, str] | None = None) -> Prefetch | None:
    words = tuple(line.split())
    view = MemoryView(files)
    return find_prefetch(Call(words, "go", "/app", env or {}, "", "/root", "golang:1.22", view))


def slug(effects: Effects) -> str:
    assert effects.blocks, effects
    return effects.blocks[0].slug


@pytest.mark.parametrize(
    "line", ["go mod download", "go mod download -x", "go mod verify", "go mod download github.com/a/b"]
)
def test_manifests_alone_are_read(line: str) -> None:
    effects = download({}, line)
    assert not effects.blocks
    assert {"/app/go.mod", "/app/go.sum", "/app/go.work", "/go.work"} <= set(effects.reads.files)
    assert not effects.reads.has("/app/main.go")
    assert not effects.writes.has("/app/go.sum")
    assert effects.writes.has("/go/pkg/mod/cache")


def test_a_module_above_is_found() -> None:
    effects = download({}, cwd="/app/cmd/x")
    assert {"/app/cmd/x/go.mod", "/app/cmd/go.mod", "/app/go.mod", "/app/go.sum"} <= set(effects.reads.files)
    assert "/go.mod" not in effects.reads.files


@pytest.mark.parametrize(
    ("replace", "path"),
    [("github.com/a/b => ./b", "/app/b"), ("github.com/a/b v1.2.3 => ../b", "/b"), ('github.com/a/b => "/b"', "/b")],
)
def test_local_replacements(replace: str, path: str) -> None:
    files = {
        "/app/go.mod": f"{MOD}\nreplace {replace}\n",
        f"{path}/go.mod": "module github.com/a/b\n",
        "/app/go.sum": "",
    }
    assert f"{path}/go.mod" in download(files).reads.files
    assert slug(download({"/app/go.mod": files["/app/go.mod"]})) == "manifest-not-found"


def test_a_replacement_by_another_module_needs_its_own_checksum() -> None:
    mod = f"{MOD}replace github.com/a/b => github.com/c/d v0.1.0\n"
    assert slug(download({"/app/go.mod": mod})) == "lock-would-be-rewritten"
    assert not download({"/app/go.mod": mod, "/app/go.sum": "github.com/c/d v0.1.0/go.mod h1:z=\n"}).blocks


def test_a_workspace() -> None:
    files = {
        "/app/go.work": "go 1.20\nuse ./a // first\nuse (\n  ./b\n)\n", "/app/a/go.mod": MOD, "/app/a/go.sum": SUM,
        "/app/b/go.mod": "module b\ngo 1.20\n",
    }  # fmt: skip
    effects = effects_of("go mod download", files=files)
    assert {"/app/go.work", "/app/go.work.sum", "/app/a/go.mod", "/app/a/go.sum", "/app/b/go.mod"} <= set(
        effects.reads.files
    )
    assert effects.writes.has("/app/go.work.sum")
    assert not effects.doubts
    assert effects_of("go mod download", files={**files, "/app/go.work.sum": ""}).doubts
    assert slug(effects_of("go mod download", files=files, env={"GOWORK": "off"})) == "manifest-not-found"


@pytest.mark.parametrize(
    ("mod", "checksums", "expected"),
    [
        (MOD, SUM.splitlines()[0] + "\n", "lock-would-be-rewritten"),
        (MOD.replace("go 1.20\n", ""), SUM, "manifest-would-be-rewritten"),
        (MOD.replace("v1.2.3", "v1.2"), SUM, "manifest-would-be-rewritten"),
        (MOD + "exclude github.com/a/b v1.2.3\n", SUM, "manifest-would-be-rewritten"),
        (MOD + "require (\n", SUM, "manifest-not-understood"),
        (MOD + "frobnicate x\n", SUM, "manifest-not-understood"),
    ],
)
def test_what_go_would_write_anew(mod: str, checksums: str, expected: str) -> None:
    assert slug(download({"/app/go.mod": mod, "/app/go.sum": checksums})) == expected
    assert prefetch("go build", {"/app/go.mod": mod, "/app/go.sum": checksums}) is None


@pytest.mark.parametrize("word", ["all", "github.com/c/d", "github.com/a/b@latest"])
def test_downloads_that_add_checksums(word: str) -> None:
    assert slug(download({}, f"go mod download {word}")) == "lock-would-be-rewritten"


def test_without_checksums_the_file_is_made() -> None:
    assert effects_of("go mod download", files={"/app/go.mod": MOD}).writes.has("/app/go.sum")


def test_settings() -> None:
    assert download({}, env={"GOPROXY": "file:///proxy,direct"}).reads.has("/proxy/x")
    assert download({}, env={"GOMODCACHE": "/m", "GOPATH": "/g"}).writes.has("/m/cache")
    assert not download({}, env={"GOFLAGS": "-mod=mod -tags=x"}).blocks
    assert slug(download({}, env={"GOFLAGS": "-modfile=other.mod"})) == "unknown-option"
    assert slug(download({}, env={"GO111MODULE": "off"})) == "unknown-option"
    assert slug(effects_of("go env -w GOFLAGS=-mod=vendor")) == "unknown-option"
    assert not effects_of("go env -w GOPROXY=https://example.org").blocks


def test_old_versions_are_doubted() -> None:
    assert download({}, base="golang:1.13-alpine").doubts
    assert download({}, base="golang:1.16.3").doubts
    assert not download({}, base="golang:1.16-alpine").doubts
    assert not download({}, base="golang:1.22").doubts


@pytest.mark.parametrize(
    "line",
    ["go build", "go build -o /x ./cmd/y", "go test ./...", "go install ./...", "go run .", "go vet ./...",
     "go generate ./...", "go mod vendor", "go mod tidy", "go get -d -v ./..."],
)  # fmt: skip
def test_a_download_goes_first(line: str) -> None:
    found = prefetch(line)
    assert found is not None
    assert found.argv == ("go", "mod", "download")
    assert found.leaves.has("/go/pkg/mod/x")
    assert not found.doubts
    assert effects_of(line, files=FILES).role is Role.INSTALL


@pytest.mark.parametrize(
    ("line", "files", "env"),
    [
        ("go build -mod=vendor", {}, {}),
        ("go build", {}, {"GOFLAGS": "-mod=vendor"}),
        ("go build -modfile=x.mod", {}, {}),
        ("go build", {"/app/vendor/modules.txt": ""}, {}),
        ("go build", {"/app/go.mod": "module m\ngo 1.20\n"}, {}),
        ("go build", {}, {"GOPROXY": "off"}),
        ("go run example.com/x@latest", {}, {}),
        ("go install example.com/x@latest", {}, {}),
        ("go get example.com/x", {}, {}),
        ("go fmt ./...", {}, {}),
    ],
)
def test_no_download_goes_first(line: str, files: Mapping[str, str], env: Mapping[str, str]) -> None:
    assert prefetch(line, {**FILES, **files}, env) is None


def test_builds_without_a_better_form_say_nothing() -> None:
    effects = effects_of("go build", files={"/app/main.go": ""})
    assert slug(effects) == "install-builds-project"
    assert effects.role is Role.LOCAL


def test_get() -> None:
    assert slug(effects_of("go get github.com/a/b", files=FILES)) == "install-edits-manifest"
    outside = effects_of("go get -u github.com/a/b")
    assert outside.reads.has("/app/go.mod")
    assert outside.writes.has("/go/src/github.com")
    assert effects_of("go get -d ./...").blocks
