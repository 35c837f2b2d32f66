"""Maven and Gradle: what a resolving goal reads, what a build is refused for, and the form that fetches first."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping

import pytest
from command_call import MemoryView, effects_of

from reorder.manager import Call, Prefetch, find_manager


def prefetch_of(line: str, files: Mapping[str, str], env: Mapping[str, str] | None = None) -> Prefetch | None:
    """The dependencies-only form of a command line in /app."""
    argv = tuple(word.replace("$", "\0") for word in shlex.split(line))
    tool = posixpath.basename(argv[0])
    manager = find_manager(tool)
    assert manager is not None
    assert manager.find_prefetch is not None
    return manager.find_prefetch(
        Call(
            argv=(tool, *argv[1:]), program=argv[0], cwd="/app", env=env or {}, user="", home="/root", base="debian:12",
            view=MemoryView(files),
        )
    )  # fmt: skip


def pom(artifact: str, inner: str = "") -> str:
    return f"<project><groupId>g</groupId><artifactId>{artifact}</artifactId><version>1</version>{inner}</project>"


POM = {"/app/pom.xml": pom("a")}
MODULES = {
    "/app/pom.xml": pom("a", "<modules><module>b</module></modules>"
                        "<profiles><profile><modules><module>c/own.xml</module></modules></profile></profiles>"),
    "/app/b/pom.xml": pom("b", "<parent><groupId>g</groupId><artifactId>a</artifactId></parent>"),
    "/app/c/own.xml": pom("c", "<parent><artifactId>p</artifactId><relativePath/></parent>"),
}  # fmt: skip


def test_go_offline_reads_all_poms_and_their_surroundings() -> None:
    effects = effects_of("mvn -B dependency:go-offline", files=MODULES)
    assert not effects.blocks
    assert effects.doubts
    for path in ("/app/pom.xml", "/app/b/pom.xml", "/app/c/own.xml", "/app/.mvn/extensions.xml", "/.mvn/jvm.config"):
        assert effects.reads.has(path)
    assert effects.reads.has("/root/.m2/settings.xml")
    assert not effects.writes.has("/root/.m2/settings.xml")
    assert effects.writes.has("/root/.m2/repository/x")
    assert not effects.reads.has("/app/src/main/java/A.java")
    assert not effects.reads.has("/app/c/pom.xml")


def test_a_parent_is_looked_for_above() -> None:
    files = {"/app/pom.xml": pom("a", "<parent><groupId>g</groupId><artifactId>p</artifactId></parent>")}
    assert effects_of("mvn dependency:resolve", files=files).reads.has("/pom.xml")
    parent = {
        **files,
        "/pom.xml": pom("p", "<repositories><repository><url>file:///srv/r</url></repository></repositories>"),
    }
    assert effects_of("mvn dependency:resolve", files=parent).reads.has("/srv/r/x.jar")


@pytest.mark.parametrize(
    ("inner", "path"),
    [
        ("<properties><p>lib</p></properties><dependencies><dependency><systemPath>${basedir}/${p}/x.jar</systemPath>"
         "</dependency></dependencies>", "/app/lib/x.jar"),
        ("<profiles><profile><activation><file><missing>off</missing></file></activation></profile></profiles>",
         "/app/off"),
        ("<pluginRepositories><pluginRepository><url>file:${project.basedir}/repo</url></pluginRepository>"
         "</pluginRepositories>", "/app/repo/x"),
    ],
)  # fmt: skip
def test_files_that_a_pom_names(inner: str, path: str) -> None:
    effects = effects_of("mvn dependency:go-offline", files={"/app/pom.xml": pom("a", inner)})
    assert not effects.blocks
    assert effects.reads.has(path)


@pytest.mark.parametrize(
    ("line", "files", "slug"),
    [
        ("mvn clean package", POM, "install-builds-project"),
        ("mvn dependency:go-offline install", POM, "install-builds-project"),
        ("mvn exec:java", POM, "project-code"),
        ("mvn", POM, "project-code"),
        ("mvn --weird dependency:resolve", POM, "unknown-option"),
        ("mvn -f $ dependency:resolve", POM, "path-unknown"),
        ("mvn -Dmaven.repo.local=$ dependency:resolve", POM, "path-unknown"),
        ("mvn dependency:resolve", {}, "manifest-not-found"),
        ("mvn dependency:resolve", {"/app/pom.xml": "<project>"}, "manifest-not-understood"),
        ("mvn dependency:resolve", {"/app/pom.xml": "<settings/>"}, "manifest-not-understood"),
        ("mvn dependency:resolve", {"/app/pom.xml": '<!DOCTYPE p [<!ENTITY e "x">]><project>&e;</project>'},
         "manifest-not-understood"),
        ("mvn dependency:resolve", {"/app/pom.xml": pom("a", "<modules><module>${m}</module></modules>")},
         "manifest-not-understood"),
        ("mvn -pl a dependency:resolve", {"/app/pom.xml": pom("a", "<modules><module>b</module></modules>")},
         "manifest-not-found"),
        ("mvn dependency:resolve", {**POM, "/app/.mvn/maven.config": "-Pprod\npackage\n"}, "install-builds-project"),
    ],
)  # fmt: skip
def test_what_maven_is_refused_for(line: str, files: dict[str, str], slug: str) -> None:
    assert [block.slug for block in effects_of(line, files=files).blocks] == [slug]


def test_a_local_repository_inside_the_project_is_an_output() -> None:
    effects = effects_of("mvn -Dmaven.repo.local=.m2 dependency:go-offline", files=POM)
    assert [output.path for output in effects.outputs] == ["/app/.m2"]
    settings = {**POM, "/app/s.xml": "<settings><localRepository>/cache/m2</localRepository></settings>"}
    effects = effects_of("mvn -s s.xml dependency:go-offline", files=settings)
    assert effects.reads.has("/app/s.xml")
    assert effects.writes.has("/cache/m2/x")


def test_copied_dependencies_are_an_output() -> None:
    effects = effects_of("mvn dependency:copy-dependencies -DoutputDirectory=lib", files=POM)
    assert [output.path for output in effects.outputs] == ["/app/lib"]


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("mvn clean package -DskipTests", ("mvn", "dependency:go-offline")),
        ("./mvnw -B -ntp -Pprod -P dev -T 4 -Drevision=2 verify -Dmaven.test.skip=true",
         ("./mvnw", "-B", "-ntp", "-Pprod", "-P", "dev", "-Drevision=2", "dependency:go-offline")),
    ],
)  # fmt: skip
def test_a_build_fetches_first(line: str, argv: tuple[str, ...]) -> None:
    found = prefetch_of(line, POM)
    assert found is not None
    assert found.argv == argv
    assert found.doubts
    assert found.leaves.has("/root/.m2/repository/x")


@pytest.mark.parametrize("line", ["mvn clean", "mvn -o package", "mvn -Drevision=$ package", "mvn exec:java", "mvn -v"])
def test_nothing_to_fetch_first(line: str) -> None:
    assert prefetch_of(line, POM) is None


def test_modules_that_need_one_another_are_not_fetched() -> None:
    inner = "<dependency><groupId>${project.groupId}</groupId><artifactId>a</artifactId></dependency>"
    needs = f"<dependencies>{inner}</dependencies>"
    files = {**MODULES, "/app/b/pom.xml": pom("b", needs)}
    assert prefetch_of("mvn package", MODULES) is not None
    assert prefetch_of("mvn package", files) is None
    assert prefetch_of("mvn package", {}) is None


SETTINGS = "include 'a', ':b:c'\nproject(':a').projectDir = file('apps/a')\nincludeBuild('plugins') // include 'no'\n"
GRADLE = {
    "/app/settings.gradle": SETTINGS,
    "/app/build.gradle": "apply from: \"$rootDir/x/y.gradle\"\ndef v = file('VERSION').text",
}


def test_gradle_reads_its_scripts() -> None:
    files = {**GRADLE, "/app/x/y.gradle": "", "/app/VERSION": "", "/app/buildSrc/build.gradle": ""}
    effects = effects_of("./gradlew dependencies --no-daemon", files=files)
    assert not effects.blocks
    assert effects.doubts
    for path in ("apps/a/build.gradle", "b/build.gradle.kts", "b/c/build.gradle", "x/y.gradle", "VERSION", "gradlew",
                 "plugins/src/P.java", "buildSrc/src/x", "gradle/wrapper/x.jar", "gradle.properties"):  # fmt: skip
        assert effects.reads.has(f"/app/{path}"), path
    assert not effects.reads.has("/app/no/build.gradle")
    assert not effects.reads.has("/app/src/main/java/A.java")
    assert {"/app/.gradle", "/app/buildSrc/build"} <= {output.path for output in effects.outputs}


def test_gradle_version_reads_the_wrapper_only() -> None:
    effects = effects_of("./gradlew --version", files=GRADLE)
    assert not effects.blocks
    assert effects.reads.has("/app/gradle/wrapper/gradle-wrapper.properties")
    assert not effects.reads.has("/app/build.gradle")


@pytest.mark.parametrize(
    ("line", "files", "slug"),
    [
        ("gradle build", GRADLE, "install-builds-project"),
        ("gradle :web:bootJar -x test", GRADLE, "install-builds-project"),
        ("gradle test", GRADLE, "project-code"),
        ("gradle", GRADLE, "project-code"),
        ("gradle --init-script x dependencies", GRADLE, "unknown-option"),
        ("gradle -g $ dependencies", GRADLE, "path-unknown"),
        ("gradle -p $ dependencies", GRADLE, "working-directory-unknown"),
        ("gradle dependencies", {}, "manifest-not-found"),
        ("gradle dependencies", {"/app/settings.gradle": "include(*names)"}, "manifest-not-understood"),
        ("gradle dependencies", {"/app/build.gradle": "apply from: \"$shared/x.gradle\""}, "manifest-not-understood"),
    ],
)  # fmt: skip
def test_what_gradle_is_refused_for(line: str, files: dict[str, str], slug: str) -> None:
    assert [block.slug for block in effects_of(line, files=files).blocks] == [slug]
