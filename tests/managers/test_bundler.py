"""What bundler reads and writes, command by command."""

from __future__ import annotations

import pytest
from node_call import present_reads, run, slugs

from reorder.effects import Effects, Output, Role

GEMFILE = 'source "https://rubygems.org"\n\ngem "rake", "~> 13.0"\ngroup :test do\n  gem "minitest"\nend\n'
LOCK = """GEM
  remote: https://rubygems.org/
  specs:
    minitest (5.20.0)
    rake (13.1.0)

PLATFORMS
  ruby

DEPENDENCIES
  minitest
  rake (~> 13.0)

BUNDLED WITH
   2.4.0
"""
FILES = {"Gemfile": GEMFILE, "Gemfile.lock": LOCK, "app.rb": "", "lib/shop.rb": ""}


def bundle(command: str, changes: dict[str, str] | None = None, **more: object) -> Effects:
    return run(command, {**FILES, **(changes or {})}, base="ruby:3.3", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "command",
    ["bundle", "bundle install", "bundler install -j4 --retry=3", "bundle install --without development test"],
)
def test_an_install_reads_the_manifests(command: str) -> None:
    effects = bundle(command)
    assert not effects.blocks
    assert not effects.doubts
    assert effects.role is Role.INSTALL
    assert present_reads(effects, {**FILES}) == {"Gemfile", "Gemfile.lock"}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Gemfile", '"~> 13.0"', '"~> 12.0"'),
        ("Gemfile", 'gem "minitest"', 'gem "minitest"\n  gem "rspec"'),
        ("Gemfile", "group :test", 'ruby "3.3.0"\ngroup :test'),
        ("Gemfile", "https://rubygems.org", "https://gems.example.com"),
        ("Gemfile.lock", "  ruby\n", "  arm64-darwin-23\n"),
        ("Gemfile.lock", "2.4.0\n", "2.4.0"),
        ("Gemfile.lock", "2.4.0", "1.17.3"),
        ("Gemfile.lock", "    rake (13.1.0)", "    rake (13.1.0)\n    zeta (1.0)"),
        ("Gemfile.lock", "BUNDLED", "RUBY VERSION\n   ruby 3.3.0p0\n\nBUNDLED"),
    ],
)
def test_a_lock_that_bundler_rewrites(name: str, old: str, new: str) -> None:
    changed = {name: FILES[name].replace(old, new)}
    assert slugs(bundle("bundle install", changed)) == ["lock-would-be-rewritten"]
    assert not bundle("bundle install", changed, env={"BUNDLE_FROZEN": "true"}).blocks
    assert not bundle("bundle install --frozen", changed).blocks


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Gemfile.lock", "2.4.0", "2.6.1"),
        ("Gemfile.lock", "  ruby\n", "  aarch64-linux\n  arm64-darwin-23\n  x86_64-linux\n"),
        ("Gemfile.lock", "BUNDLED", "CHECKSUMS\n  rake (13.1.0) sha256=00\n\nBUNDLED"),
    ],
)
def test_a_lock_that_bundler_leaves(name: str, old: str, new: str) -> None:
    effects = bundle("bundle install", {name: FILES[name].replace(old, new)})
    assert not effects.blocks
    assert not effects.doubts


def test_a_lock_that_knows_no_arm_is_not_proven() -> None:
    lock = LOCK.replace("  ruby\n", "  x86_64-linux\n")
    assert "ARM" in bundle("bundle install", {"Gemfile.lock": lock}).doubts[0]
    assert not bundle("bundle install", {"Gemfile.lock": lock}, env={"BUNDLE_DEPLOYMENT": "1"}).doubts


def test_without_a_lock_one_is_written() -> None:
    effects = run("bundle install", {"Gemfile": GEMFILE}, base="ruby:3.3")
    assert not effects.blocks
    assert effects.writes.has("/app/Gemfile.lock")


@pytest.mark.parametrize(
    ("command", "env", "place"),
    [
        ("bundle install --deployment", {}, "vendor/bundle"),
        ("bundle install --path gems", {}, "gems"),
        ("bundle install", {"BUNDLE_PATH": "vendor/gems"}, "vendor/gems"),
        ("bundle install", {"BUNDLE_DEPLOYMENT": "true"}, "vendor/bundle"),
        ("bundle config set --local deployment true", {}, "vendor/bundle"),
    ],
)
def test_gems_inside_the_project(command: str, env: dict[str, str], place: str) -> None:
    assert bundle(command, env=env).outputs == (Output(f"/app/{place}", rebuilt=False),)


def test_gems_elsewhere() -> None:
    effects = bundle("bundle install", env={"BUNDLE_PATH": "/gems"})
    assert not effects.outputs
    assert effects.writes.has("/gems/ruby/3.3.0")


def test_settings_of_an_earlier_step_leave_a_mark() -> None:
    made = tuple(bundle("bundle config set --local deployment true").writes.files)
    effects = bundle("bundle install", made=made)
    assert effects.outputs == (Output("/app/vendor/bundle", rebuilt=False),)
    assert not effects.doubts
    assert bundle("bundle install", made=("/app/.bundle/config",)).doubts


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        ("bundle exec rake", "project-code"),
        ("bundle update rake", "lock-would-be-rewritten"),
        ("bundle add rake", "lock-would-be-rewritten"),
        ("bundle cache", "unknown-command"),
        ("bundle install --mystery", "unknown-option"),
        ("bundle config set local.rack /src/rack", "unknown-option"),
        ("bundle config set path gems", "unknown-option"),
        ("bundle config unset path", "unknown-option"),
        ("bundle install --path .", "unknown-option"),
    ],
)
def test_what_stays(command: str, slug: str) -> None:
    assert slugs(bundle(command)) == [slug]


@pytest.mark.parametrize(
    "line",
    [
        'eval_gemfile "Gemfile.#{ENV["X"]}"',
        'Dir["engines/*"].each { |d| gem d }',
        'require_relative "lib/shop"',
        "gem `cat name`.strip",
        'plugin "x"',
        "gem NAME",
        "instance_eval(Pathname('x').read)",
        'gem "x", path: ENV["X"]',
    ],
)
def test_a_gemfile_that_runs_code(line: str) -> None:
    files = {"Gemfile": GEMFILE + line + "\n"}
    assert slugs(run("bundle install", files, base="ruby:3.3")) == ["manifest-not-understood"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('ruby file: ".ruby-version"', ".ruby-version"),
        ('ruby File.read(".ruby-version").strip', ".ruby-version"),
        ('eval_gemfile "Gemfile.more"', "Gemfile.more"),
        ('eval_gemfile File.join(File.dirname(__FILE__), "Gemfile.more")', "Gemfile.more"),
        ('instance_eval File.read("Gemfile.more") if File.exist?("Gemfile.more")', "Gemfile.more"),
        ('local = File.expand_path("../Gemfile.more", __FILE__)\neval_gemfile "Gemfile.more"', "Gemfile.more"),
        ('gem "cart", path: "engines/cart"', "engines/cart/cart.gemspec"),
    ],
)
def test_files_that_a_gemfile_reads(line: str, name: str) -> None:
    files = {"Gemfile": GEMFILE + line + "\n", name: "Gem::Specification.new { |s| s.name = 'cart' }\n"}
    files[name] = files[name] if name.endswith("gemspec") else 'gem "more"\n' if "more" in name else "3.3.0\n"
    assert present_reads(run("bundle install", files, base="ruby:3.3"), files) == {"Gemfile", name}


def test_a_gemspec_reads_what_it_requires() -> None:
    spec = (
        'require_relative "lib/shop/version"\nGem::Specification.new do |spec|\n  spec.version = Shop::VERSION\nend\n'
    )
    version = 'module Shop\n  VERSION = "1"\nend\n'
    files = {"Gemfile": "gemspec\n", "shop.gemspec": spec, "lib/shop.rb": "", "lib/shop/version.rb": version}
    effects = run("bundle install", files, base="ruby:3.3")
    assert present_reads(effects, files) == {"Gemfile", "shop.gemspec", "lib/shop/version.rb"}


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("s.version = `cat VERSION`", {}),
        ('s.executables = Dir["exe/*"]\n  s.bindir = "exe"', {"exe/shop": ""}),
        ('require "x" + name', {}),
        ("s.version = YAML.load_file('x')", {}),
    ],
)
def test_a_gemspec_that_reads_more(line: str, more: dict[str, str]) -> None:
    files = {"Gemfile": "gemspec\n", "shop.gemspec": f"Gem::Specification.new do |s|\n  {line}\nend\n", **more}
    assert slugs(run("bundle install", files, base="ruby:3.3")) == ["install-builds-project"]


def test_rubyopt_runs_other_code() -> None:
    assert slugs(bundle("bundle install", env={"RUBYOPT": "-r./lib/shop"})) == ["project-code"]
