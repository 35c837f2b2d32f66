"""What mix reads and writes; all of it is unproven, since mix.exs is code."""

from __future__ import annotations

import pytest
from node_call import Content, present_reads, run, slugs

from reorder.effects import Output

PROJECT = (
    'defmodule S.MixProject do\n  use Mix.Project\n  def project, do: [app: :s, version: "1", deps: deps()]\nend\n'
)
FILES: dict[str, Content] = {
    "mix.exs": PROJECT, "mix.lock": "%{}", "config/config.exs": "", "lib/s.ex": "", "VERSION": "1",
    "apps/a/mix.exs": PROJECT, "apps/a/lib/a.ex": "", "libs/b/mix.exs": "",
}  # fmt: skip


@pytest.mark.parametrize("command", ["mix deps.get --only prod", "mix deps.compile", "mix do deps.get, deps.compile"])
def test_dependencies_read_manifests_and_config(command: str) -> None:
    effects = run(command, FILES)
    assert not effects.blocks
    assert effects.doubts
    assert present_reads(effects, FILES) == {"mix.exs", "mix.lock", "config/", "apps/a/mix.exs"}
    assert Output("/app/deps", rebuilt=False) in effects.outputs
    assert Output("/app/_build", rebuilt=False) in effects.outputs


def test_what_mix_exs_names() -> None:
    text = PROJECT.replace('"1"', 'File.read!("VERSION")') + '{:b, path: "libs/b"}\n'
    assert {"VERSION", "libs/b/"} <= present_reads(run("mix deps.get", {**FILES, "mix.exs": text}), FILES)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ('System.cmd("git", [])', "manifest-not-understood"),
        ("Code.eval_file(x)", "manifest-not-understood"),
        ("File.read!(name)", "manifest-not-understood"),
        ('Path.wildcard("a/*")', "manifest-not-understood"),
        ('defp aliases, do: ["deps.get": ["x"]]', "project-code"),
        ('{:b, path: ".."}', "install-builds-project"),
    ],
)
def test_a_mix_exs_that_is_not_followed(text: str, slug: str) -> None:
    assert slugs(run("mix deps.get", {"mix.exs": PROJECT + text})) == [slug]


@pytest.mark.parametrize("command", ["mix compile", "mix release", "mix do deps.get, compile", "mix phx.digest"])
def test_tasks_that_need_the_sources(command: str) -> None:
    assert slugs(run(command, FILES)) == ["project-code"]


def test_tools_without_a_project() -> None:
    effects = run("mix do local.hex --force + local.rebar --force", {"lib/s.ex": ""})
    assert not effects.blocks
    assert effects.writes.has("/root/.mix/archives")
