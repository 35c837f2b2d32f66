"""bundler, Ruby's installer of a project's gems: ``bundle install`` and the settings around it.

It runs the Gemfile, which is a Ruby program, and reads what that reads. Settings come from options, ``.bundle/config``,
``BUNDLE_…`` variables and the home directory. Traced with Bundler 2.3. https://bundler.io/man/bundle-config.1.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reorder.effects import Effects, Output, PathSet, Role, Safety, is_within, join
from reorder.manager import UNKNOWN, Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.gemfile import Gemfile, parse_gemfile
from reorder.manifests.gemfile_lock import find_drift, find_lock_doubts, parse_gemfile_lock
from reorder.manifests.gemspec import gemspec_reads
from reorder.manifests.operands import ancestors, at_home, probes
from reorder.manifests.toolchains import shown_call, system_install
from reorder.manifests.user_settings import SettingsFile, is_changed

manager = Manager(
    __name__,
    ecosystem="Ruby",
    tools=("bundle", "bundler"),
    role=Role.INSTALL,
    rules=(
        Rule("bundle install, lock frozen or in sync", "moves", Safety.SAFE, "built",
             "it reads the Gemfile, the lock, .bundle, vendor/cache and gemspecs of local gems"),
        Rule("bundle install without a lock", "moves", Safety.SAFE, "documented", "it resolves from the Gemfile alone"),
        Rule("bundle install, lock perhaps not in sync", "moves", Safety.UNSAFE, "tried",
             "the lock as it would be rewritten is covered by the later copy"),
        Rule("bundle config set", "moves", Safety.SAFE, "built", "it writes settings, and a few of them only"),
        Rule("bundle update, add, lock, cache", "stays", None, "", "it writes the lock file or vendor/cache"),
        Rule("bundle exec", "stays", None, "", "it runs the project's code"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --clean --deployment --no-deployment --force --redownload --frozen --no-frozen --full-index --global --local
    --no-cache --no-clean --no-color --no-prune --prefer-local --no-prefer-local --quiet --system --verbose -V
    --no-quiet --dry-run --parseable --no-document --help -h --version --no-lock --retry-less
    """.split()
)
_VALUED = frozenset(
    """
    --gemfile --jobs -j --path --retry -r --shebang --target-rbconfig --trust-policy -P --with --without --binstubs
    --standalone --path-only
    """.split()
)
_REMEMBERED = frozenset(
    "--clean --deployment --frozen --no-prune --path --shebang --system --with --without --binstubs".split()
)
"""Options that Bundler 2 keeps in .bundle/config."""

_QUERIES = frozenset("check list show info outdated platform env version help doctor licenses viz fund issue".split())
_CODE = frozenset("exec e console open gem init plugin inject".split())
_KNOWN = frozenset("update add remove lock cache package pack binstubs clean pristine".split())

_HARMLESS = frozenset(
    """
    allow_deployment_source_credential_changes allow_offline_install auto_clean_without_path auto_config_jobs
    cache_all cache_all_platforms clean default_install_uses_path deployment disable_checksum_validation
    disable_exec_load disable_multisource disable_shared_gems disable_version_check force_ruby_platform frozen
    global_gem_cache ignore_funding_requests ignore_messages jobs no_prune only path path.system prefer_patch redirect
    retry silence_deprecations silence_root_warning specific_platform ssl_verify_mode system system_bindir timeout
    update_requires_all_flag user_agent with without no_install_plugin version suppress_install_using_messages
    """.split()
)
_VENDORED, _FROZEN = "installs-into-vendor-bundle", "leaves-the-lock"
"""Stand below the settings file (where nothing can lie) as signs for the installs of later steps."""

_HOST = re.compile(r"(https?://)?[\w-]+(\.[\w-]+)+(:\d+)?/?|github\.https|git\.allow_insecure|build\..+|mirror\..+")
_FALSE = re.compile(r"(false|f|no|n|0)?", re.IGNORECASE)


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option; none means ``install``."""
    parsed = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    command, *names = parsed.positionals or ("install",)
    if command in _CODE or not is_known(command):
        return Effects.blocked("project-code", f"{shown_call(call)} runs code that may read any file")
    role = Role.INSTALL if command in ("install", "i", "update", "add") else Role.LOCAL
    try:
        return _dispatch(call, parsed, command, tuple(names))
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _dispatch(call: Call, parsed: Options, command: str, names: tuple[str, ...]) -> Effects:
    if command == "config":
        if parsed.unknown and not any(name.lower().startswith(("build.", "bundle_build")) for name in names):
            raise ManifestError("unknown-option", f"{shown_call(call, 5)} is not known")
        return _config(call, names)
    if command in ("update", "add", "remove", "lock", "inject"):
        raise ManifestError("lock-would-be-rewritten", f"{shown_call(call)} writes the lock file")
    if command not in ("install", "i", "clean") and command not in _QUERIES:
        slug = "unknown-command" if command in _KNOWN else "project-code"
        raise ManifestError(slug, f"what {shown_call(call)} does to the project is not followed")
    if parsed.unknown and command not in _QUERIES:
        raise ManifestError("unknown-option", f"bundle {command} {parsed.unknown[0]} is not known".replace("\0", "…"))
    if {"--version", "--help", "-h"} & parsed.switches or command in ("version", "help"):
        return system_install(call, caches=())._replace(role=Role.LOCAL, network=False, writes=PathSet())
    bundle = _Bundle.find(call, parsed)
    if command in _QUERIES:
        return bundle.effects()._replace(role=Role.LOCAL, network=False, outputs=(), doubts=())
    return bundle.effects() | _options_written(bundle, parsed)


class _Place(NamedTuple):
    """Where the Gemfile of a call lies, and its lock."""

    gemfile: str
    lock: str

    @property
    def root(self) -> str:
        return posixpath.dirname(self.gemfile)


def _find_place(call: Call, option: str) -> _Place:
    """The Gemfile or gems.rb of the working directory or the nearest one above it."""
    named = option or call.env.get("BUNDLE_GEMFILE", "")
    if not is_known(named):
        raise ManifestError("path-unknown", "which Gemfile bundle reads is only known in a build")
    if named:
        path = join(call.cwd, named)
        is_new = posixpath.basename(path) == "gems.rb"
        return _Place(path, posixpath.join(posixpath.dirname(path), "gems.locked") if is_new else path + ".lock")
    for directory in ancestors(call.cwd):
        for name, lock in (("gems.rb", "gems.locked"), ("Gemfile", "Gemfile.lock")):
            if call.view.find(join(directory, name)) is not None:
                return _Place(join(directory, name), join(directory, lock))
    raise ManifestError("manifest-not-found", f"there is no Gemfile in {call.cwd} or above it")


@dataclass(frozen=True, slots=True)
class _Bundle:
    """The project of a call: where it lies, and the settings that hold."""

    call: Call
    place: _Place
    settings: Mapping[str, str]
    is_open: bool
    is_vendored: bool
    is_frozen: bool
    options: Options

    @classmethod
    def find(cls, call: Call, parsed: Options) -> _Bundle:
        """Raises `ManifestError`."""
        place = _find_place(call, (*parsed.values.get("--gemfile", ()), "")[0])
        settings = _environment_settings(call.env)
        is_open = is_vendored = is_frozen = False
        for file in _settings_files(call, place.root):
            is_open = is_open or is_changed(call.view, file)
            is_vendored = is_vendored or _is_marked(call, file.path, _VENDORED)
            is_frozen = is_frozen or _is_marked(call, file.path, _FROZEN)
            entry = call.view.find(file.path)
            if entry is not None and entry.context_path is not None:
                found = _parse_config(read_manifest(call.view, file.path, "Bundler's settings"))
                # The image may look for its settings elsewhere: what only makes the lock safe is not taken from here.
                settings = {k: v for k, v in found.items() if k not in ("frozen", "deployment")} | settings
        for name in settings:
            _check_setting(name, settings[name])
        return cls(call, place, settings, is_open, is_vendored, is_frozen and not is_open, parsed)

    def effects(self) -> Effects:
        """What an install reads and writes; raises `ManifestError`."""
        call, place = self.call, self.place
        for name in ("RUBYOPT", "RUBYLIB"):
            if re.search(r"(^|\s)-[rI]|/|\0", call.env.get(name, "")):
                raise ManifestError("project-code", f"{name} makes Ruby run other code")
        gemfile = self._gemfile()
        near = ("Gemfile", "gems.rb", "Gemfile.lock", "gems.locked", ".bundle/config")
        reads = PathSet.of(place.gemfile, place.lock) | probes(call, *near)
        if not call.base.startswith("ruby"):
            reads |= probes(call, ".ruby-version", ".tool-versions", ".ruby-gemset", ".rvmrc")
        trees = [join(place.root, ".bundle/plugin"), join(place.root, self.settings.get("cache_path", "vendor/cache"))]
        reads |= PathSet.of(*gemfile.reads, trees=(*trees, *self._server_trees(gemfile)))
        for directory in (*gemfile.local_trees, *gemfile.gemspecs):
            reads |= gemspec_reads(call.view, directory)
        installed = PathSet.of(trees=("/usr/local/bundle", "/usr/local/rvm", "/usr/local/rbenv", *self._gem_homes()))
        effects = system_install(call, caches=(".gem", ".bundle", ".local/share/gem", ".cache/gem", ".rbenv", ".rvm"))
        settings = PathSet.of(*at_home(call, ".gemrc", ".config/gem/gemrc", ".config/bundle/config"))
        effects |= Effects(reads=reads | installed | settings, writes=installed)
        shown = call.view.find(place.gemfile)
        effects |= Effects(evidence=(f"{(shown and shown.context_path) or place.gemfile}: read by bundle",))
        return effects | self._lock_effects(gemfile) | self._outputs()

    def _gemfile(self) -> Gemfile:
        """The Gemfile and all that it includes, as one."""
        total, waiting, seen = Gemfile(), [self.place.gemfile], set()
        while waiting:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            text = read_manifest(self.call.view, path, "read by bundle").decode("utf-8", "replace")
            part = parse_gemfile(text, path)
            if part.reasons:
                shown = self.call.view.find(path)
                name = (shown and shown.context_path) or path
                raise ManifestError("manifest-not-understood", f"{name} is Ruby code: {part.reasons[0]}")
            total.add(part)
            waiting += [path for path in part.includes if self.call.view.find(path) is not None]
        return total

    def _server_trees(self, gemfile: Gemfile) -> list[str]:
        """Gem servers that are folders: ``source "file:///gems"``."""
        return [url.removeprefix("file://") for url in gemfile.sources if url.startswith("file:///")]

    def _gem_homes(self) -> list[str]:
        named = [self.call.env[name] for name in ("GEM_HOME", "GEM_PATH") if self.call.env.get(name)]
        return [join(self.call.cwd, part) for value in named for part in value.split(":") if part and is_known(part)]

    def _lock_effects(self, gemfile: Gemfile) -> Effects:
        call, path = self.call, self.place.lock
        entry = call.view.find(path)
        if self._is_frozen():
            return Effects(evidence=(f"{path}: Bundler installs what it says, and leaves it as it is",))
        if entry is None:
            return Effects(writes=PathSet.of(path))
        lock = parse_gemfile_lock(read_manifest(call.view, path, "read by bundle").decode("utf-8", "replace"))
        if lock is None:
            raise ManifestError("manifest-not-understood", f"{path} is not a lock of Bundler")
        if (why := find_drift(lock, gemfile)) is not None:
            raise ManifestError("lock-would-be-rewritten", f"bundle install rewrites {entry.context_path}: {why}")
        return Effects(
            doubts=tuple(find_lock_doubts(lock, gemfile)),
            evidence=(f"{entry.context_path} is in sync, so that Bundler leaves it as it is",),
        )

    def _is_frozen(self) -> bool:
        if self.is_frozen or self.options.switches & {"--frozen", "--deployment"}:
            return True
        return any(not _FALSE.fullmatch(self.settings.get(name, "")) for name in ("frozen", "deployment"))

    def _outputs(self) -> Effects:
        """Where the gems go, if that is below the Gemfile."""
        chosen = (*self.options.values.get("--path", ()), self.settings.get("path", ""))[0]
        is_deployed = "--deployment" in self.options.switches or not _FALSE.fullmatch(
            self.settings.get("deployment", "")
        )
        if not is_known(chosen):
            raise ManifestError("path-unknown", "where bundle installs to is only known in a build")
        if not chosen and (is_deployed or self.is_open or self.is_vendored):
            chosen = "vendor/bundle"
        doubts = ("an earlier step has set up Bundler in a way that is not known",) if self.is_open else ()
        return Effects(doubts=doubts) | (_installed_to(self.place.root, chosen) if chosen else Effects())


def _installed_to(root: str, chosen: str) -> Effects:
    place = join(root, chosen)
    if is_within(root, place):
        raise ManifestError("unknown-option", f"bundle installs into {place}, in the middle of the project")
    written = PathSet.of(trees=(place,))
    inside = (Output(place, rebuilt=False),) if is_within(place, root) else ()
    return Effects(reads=written, writes=written, outputs=inside)


def _options_written(bundle: _Bundle, parsed: Options) -> Effects:
    """What options leave behind: settings that Bundler remembers, and folders that they name."""
    effects = Effects()
    if _REMEMBERED & {*parsed.switches, *parsed.values}:
        effects |= Effects(writes=PathSet.of(join(bundle.place.root, ".bundle/config")))
    for name in ("--binstubs", "--standalone"):
        if name in parsed.values:
            raise ManifestError("unknown-option", f"bundle install {name} writes programs into the project")
    return effects


def _is_marked(call: Call, path: str, mark: str) -> bool:
    """Whether ``bundle config set`` left the mark; a step that writes the whole folder leaves any name."""
    other = join(path, ".no-step-writes-this-name")
    return call.view.find(join(path, mark)) is not None and call.view.find(other) is None


def _settings_files(call: Call, root: str) -> tuple[SettingsFile, ...]:
    """Where Bundler looks for settings; the home directory's file may lie in two places."""
    if not is_known(call.env.get("BUNDLE_APP_CONFIG", "")) or not is_known(call.env.get("BUNDLE_USER_CONFIG", "")):
        raise ManifestError("path-unknown", "where Bundler's settings lie is only known in a build")
    own = join(root, call.env.get("BUNDLE_APP_CONFIG") or ".bundle")
    user = call.env.get("BUNDLE_USER_CONFIG") or join(call.home, ".bundle/config")
    return (SettingsFile(join(own, "config"), own), SettingsFile(user, posixpath.dirname(user)))


def _environment_settings(env: Mapping[str, str]) -> dict[str, str]:
    """``BUNDLE_WITHOUT`` and its like; a dot is spelled as two underscores."""
    found = {}
    for name, value in env.items():
        key = name.removeprefix("BUNDLE_").replace("___", "-").replace("__", ".").lower()
        if name.startswith("BUNDLE_") and key not in ("gemfile", "app_config", "user_config", "user_home", "bin_path"):
            found[key] = value
    return found


def _parse_config(raw: bytes) -> dict[str, str]:
    """``BUNDLE_PATH: "vendor/bundle"`` lines; anything else raises `ManifestError`."""
    found = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        match = re.fullmatch(r"BUNDLE_([\w./:-]+): *(\"[^\"]*\"|'[^']*'|[^\"'\s][^#]*|)", line.strip())
        if match:
            found[match[1].replace("___", "-").replace("__", ".").lower()] = match[2].strip("\"' ")
        elif line.strip() not in ("", "---") and not line.startswith("#"):
            raise ManifestError("manifest-not-understood", f".bundle/config: {line.strip()!r} is not understood")
    return found


def _check_setting(name: str, value: str) -> None:
    """Raise `ManifestError` for a setting that makes installs read or write elsewhere."""
    if name not in _HARMLESS and name not in ("cache_path",) and not _HOST.fullmatch(name):
        raise ManifestError("unknown-option", f"what Bundler's setting {name} does is not followed".replace("\0", "…"))
    if name.startswith(("local.", "mirror.")) and "://" not in value:
        raise ManifestError("unknown-option", f"Bundler's setting {name} names a folder")


def _config(call: Call, words: tuple[str, ...]) -> Effects:
    """``bundle config [set] [--local|--global] KEY VALUE`` and the forms that only ask."""
    is_setting = words[:1] == ("set",) or (words[:1] not in (("get",), ("list",), ("unset",)) and len(words) > 1)
    words = words[1:] if words[:1] == ("set",) else words
    effects = system_install(call, caches=())._replace(role=Role.LOCAL, network=False, writes=PathSet())
    effects |= Effects(reads=probes(call, "Gemfile", "gems.rb", ".bundle/config"))
    if not is_setting and words[:1] != ("unset",):
        return effects
    root = next((d for d in ancestors(call.cwd) if _has_gemfile(call, d)), call.cwd)
    files = tuple(file.path for file in _settings_files(call, root))
    effects |= Effects(reads=PathSet.of(*files))
    key, *values = (*words, "") if words else ("", "")
    key = key.removeprefix("BUNDLE_").lower()
    if words[:1] == ("unset",) or not is_known(key):
        raise ManifestError("unknown-option", f"{shown_call(call, 4)} changes what later installs do")
    value = " ".join(values).strip()
    _check_setting(key, value)
    present = [path for path in files if call.view.find(path) is not None]
    if key == "path" or (key == "deployment" and not _FALSE.fullmatch(value)):
        chosen = value if key == "path" else "vendor/bundle"
        if not is_known(chosen):
            raise ManifestError("path-unknown", "where bundle will install to is only known in a build")
        effects |= _installed_to(root, chosen)._replace(reads=PathSet(), writes=PathSet())
        if is_within(join(root, chosen), root):
            if join(root, chosen) != join(root, "vendor/bundle"):
                raise ManifestError("unknown-option", f"bundle will install into {chosen.replace(UNKNOWN, '…')}")
            present += [join(path, _VENDORED) for path in files]
    if key in ("frozen", "deployment"):
        present += files if _FALSE.fullmatch(value) else [join(path, _FROZEN) for path in files]
    return effects | Effects(writes=PathSet.of(*present))


def _has_gemfile(call: Call, directory: str) -> bool:
    return any(call.view.find(join(directory, name)) is not None for name in ("Gemfile", "gems.rb"))
