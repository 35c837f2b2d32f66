"""dotnet: the closure of a restore, its settings, and the restore that a build begins with."""

from __future__ import annotations

import pytest
from command_call import effects_of
from test_jvm_builds import prefetch_of


def project(inner: str = "") -> str:
    return f'<Project Sdk="Microsoft.NET.Sdk">{inner}</Project>'


REFERENCE = '<ItemGroup><ProjectReference Include="..\\Core\\Core.csproj;..\\F\\F.fsproj" /></ItemGroup>'
FILES = {
    "/app/Web/Web.csproj": project(REFERENCE),
    "/app/Core/Core.csproj": project("<Import Project='$(MSBuildThisFileDirectory)..\\own.props' />"),
    "/app/F/F.fsproj": project(),
}
ONE = {"/app/A.csproj": project()}
MOVED = "<PropertyGroup><BaseIntermediateOutputPath>o/</BaseIntermediateOutputPath></PropertyGroup>"


def test_a_restore_follows_references_and_looks_up_the_tree() -> None:
    effects = effects_of("dotnet restore Web/Web.csproj", files=FILES)
    assert not effects.blocks
    assert effects.doubts
    for path in ("/app/Web/Web.csproj", "/app/Core/Core.csproj", "/app/F/F.fsproj", "/app/own.props",
                 "/app/Directory.Packages.props", "/Directory.Build.props", "/app/Core/Directory.Build.targets",
                 "/app/global.json", "/app/NuGet.Config", "/app/Web/packages.lock.json",
                 "/app/Web/Web.csproj.user"):  # fmt: skip
        assert effects.reads.has(path), path
    assert not effects.reads.has("/app/Web/Program.cs")
    assert [o.path for o in effects.outputs] == ["/app/Web/obj", "/app/Core/obj", "/app/F/obj"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("A.sln", 'Project("{F}") = "Web", "Web\\Web.csproj", "{1}"\nEndProject\nProject("{F}") = "d", "d", "{2}"\n'),
        ("A.slnx", '<Solution><Folder Name="/s/"><Project Path="Web/Web.csproj" /></Folder></Solution>'),
        ("A.slnf", '{"solution": {"path": "B.sln", "projects": ["Web\\\\Web.csproj"]}}'),
    ],
)
def test_solutions(name: str, text: str) -> None:
    effects = effects_of("dotnet restore", files={**FILES, f"/app/{name}": text, "/app/d/x": ""})
    assert not effects.blocks
    assert effects.reads.has("/app/Core/Core.csproj")
    assert not effects.reads.has("/app/d")


def test_settings_of_nuget_in_any_case() -> None:
    sources = '<packageSources><add key="o" value="feed" /><add key="w" value="https://x.org" /></packageSources>'
    packages = '<config><add key="globalPackagesFolder" value="/pkgs" /></config>'
    settings = f"<configuration>{sources}{packages}</configuration>"
    effects = effects_of("dotnet restore", files={**ONE, "/app/nUgEt.config": settings})
    assert effects.reads.has("/app/nUgEt.config")
    assert effects.reads.has("/app/feed/x.nupkg")
    assert effects.writes.has("/pkgs/x")


def test_conditions_and_shared_files() -> None:
    files = {
        "/app/src/A.csproj": project("<PropertyGroup Condition=\"Exists('..\\mark.txt')\"><X>1</X></PropertyGroup>"),
        "/app/Directory.Build.props": "<Project><Import Project='build/b.props' /></Project>",
        "/app/build/b.props": "<Project><PropertyGroup><V>$([System.IO.File]::ReadAllText('$(MSBuildThisFileDirectory)"
        "V'))</V></PropertyGroup></Project>",
    }
    effects = effects_of("dotnet restore src/A.csproj", files=files)
    assert not effects.blocks
    assert all(effects.reads.has(path) for path in ("/app/mark.txt", "/app/build/b.props", "/app/build/V"))


@pytest.mark.parametrize(
    ("line", "files", "slug"),
    [
        ("dotnet publish -c Release", ONE, "install-builds-project"),
        ("dotnet build", ONE, "install-builds-project"),
        ("dotnet test", ONE, "project-code"),
        ("dotnet app.dll", ONE, "project-code"),
        ("dotnet restore", {}, "manifest-not-found"),
        ("dotnet restore --odd", ONE, "unknown-option"),
        ("dotnet restore $", ONE, "unknown-argument"),
        ("dotnet restore --force-evaluate", ONE, "lock-would-be-rewritten"),
        ("dotnet restore", {"/app/A.csproj": "<Project"}, "manifest-not-understood"),
        ("dotnet restore", {"/app/A.csproj": project("<Import Project='$(X)/a.props'/>")}, "manifest-not-understood"),
        ("dotnet restore", {"/app/A.csproj": project(MOVED)},
         "manifest-not-understood"),
        ("dotnet restore", {"/app/A.csproj": project("<Target Name='T' BeforeTargets='Restore'/>")},
         "install-runs-project-code"),
        ("dotnet tool install x", ONE, "install-edits-manifest"),
        ("dotnet tool install -g x --add-source ./p", ONE, "unknown-option"),
    ],
)  # fmt: skip
def test_refusals(line: str, files: dict[str, str], slug: str) -> None:
    assert [block.slug for block in effects_of(line, files=files).blocks] == [slug]


def test_lock_files() -> None:
    lock = {**ONE, "/app/packages.lock.json": "{}"}
    assert effects_of("dotnet restore", files=ONE).writes.has("/app/packages.lock.json")
    assert not effects_of("dotnet restore", files=lock).writes.has("/app/packages.lock.json")
    unlocked, locked = (effects_of(f"dotnet restore {flag}", files=lock).doubts for flag in ("", "--locked-mode"))
    assert len(unlocked) == len(locked) + 1


def test_questions_and_tools() -> None:
    assert not effects_of("dotnet --info").blocks
    assert effects_of("dotnet tool install -g dotnet-ef").reads.has("/app/nuget.config")
    assert effects_of("dotnet tool install --tool-path /tools dotnet-ef").writes.has("/tools/x")
    assert effects_of("dotnet tool restore").reads.has("/app/.config/dotnet-tools.json")


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("dotnet publish -c Release -o /out", ("dotnet", "restore")),
        ("dotnet publish A.csproj -r linux-x64 --self-contained true /p:V=1 -f net8.0",
         ("dotnet", "restore", "A.csproj", "-r", "linux-x64", "-p:V=1")),
    ],
)  # fmt: skip
def test_a_build_restores_first(line: str, argv: tuple[str, ...]) -> None:
    found = prefetch_of(line, ONE)
    assert found is not None
    assert found.argv == argv
    assert found.doubts


@pytest.mark.parametrize(
    "line", ["dotnet publish --no-restore", "dotnet test", "dotnet publish -r $", "dotnet build B.csproj"]
)
def test_no_restore_first(line: str) -> None:
    assert prefetch_of(line, ONE) is None
