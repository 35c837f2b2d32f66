"""composer, PHP's installer of a project's packages, also as ``php composer.phar``; any other ``php`` is project code.

``composer install`` downloads packages, then writes an autoloader, which may scan the project, and runs scripts. With
``--no-scripts --no-autoloader`` it does the first only, and the command as written does the rest afterwards (tried with
Composer 2.5: equal but for a random suffix in class names). https://getcomposer.org/doc/03-cli.md
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from reorder.effects import Effects, Output, PathSet, Role, Safety, is_within, join
from reorder.manager import Call, Manager, Options, Prefetch, Rule, is_known, parse_options
from reorder.manifests.composer_json import ComposerProject, read_project
from reorder.manifests.files import ManifestError
from reorder.manifests.operands import at_home
from reorder.manifests.toolchains import shown_call, system_install, tool_effects
from reorder.manifests.user_settings import SettingsFile, check_unchanged

manager = Manager(
    __name__,
    ecosystem="PHP",
    tools=("composer", "composer.phar", "php"),
    role=Role.INSTALL,
    rules=(
        Rule("composer install", "two phases", Safety.UNSAFE, "built",
             "the packages first; equal up to the random suffix of the autoloader's class names"),
        Rule("composer install, config.autoloader-suffix set", "two phases", Safety.SAFE, "built",
             "the packages first; without scripts or plug-ins that run before or among them"),
        Rule("composer install, no scripts, no class map", "moves", Safety.SAFE, "built",
             "the autoloader is then made from the manifests alone"),
        Rule("composer install --no-scripts --no-autoloader", "moves", Safety.SAFE, "built",
             "it reads the manifest, the lock and local packages"),
        Rule("composer global require", "moves", Safety.SAFE, "documented", "it works in Composer's home"),
        Rule("composer require, update", "stays", None, "", "it writes the manifest or the lock"),
        Rule("composer dump-autoload, run-script, php", "stays", None, "", "it reads or runs the project"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --ansi --no-ansi --no-interaction -n --no-plugins --no-scripts --no-cache --profile --quiet -q -v -vv -vvv
    --verbose --version -V --help -h --prefer-dist --prefer-source --dev --no-dev --no-autoloader --no-progress
    --no-suggest --ignore-platform-reqs --optimize-autoloader -o --classmap-authoritative -a --apcu-autoloader
    --dry-run --download-only --no-install --audit --no-audit --no-security-blocking --source-fallback
    --no-source-fallback --global -g --update-no-dev --optimize --stable --preview --1 --2 --no-update
    --no-blocking -W -w --with-all-dependencies --with-dependencies
    """.split()
)
_VALUED = frozenset(
    "--working-dir -d --ignore-platform-req --prefer-install --apcu-autoloader-prefix --audit-format".split()
)
_QUERIES = frozenset(
    "validate check-platform-reqs diagnose about show info licenses outdated audit status list".split()
)
_WRITING = frozenset("require req r remove rm update u upgrade bump init reinstall".split())
_SCANNING = frozenset("-o --optimize-autoloader -a --classmap-authoritative --apcu-autoloader".split())
_QUIET_KEYS = tuple(
    """
    github-oauth. http-basic. gitlab- bearer. repo allow-plugins process-timeout cache- secure-http disable-tls
    github-protocols use-github-api discard-changes
    """.split()
)
_VETTED_PLUGINS = frozenset(
    """
    composer/installers pestphp/pest-plugin phpstan/extension-installer composer/package-versions-deprecated
    dealerdirect/phpcodesniffer-composer-installer ocramius/package-versions kylekatarnls/update-helper
    """.split()
)
"""Plug-ins that only write into the vendor folder, or to the places in ``extra.installer-paths`` (their manuals)."""

_EARLY = frozenset("pre-install-cmd pre-operations-exec pre-package-install post-package-install init command"
                   " pre-command-run pre-pool-create".split())  # fmt: skip
_HOMES = (".composer", ".config/composer", ".cache/composer", ".local/share/composer")


@manager
def analyze(call: Call) -> Effects:
    """Tell composer from php; find the command."""
    own = _unwrapped(call)
    if own is None:
        if call.args[:1] in (("-v",), ("--version",), ("-m",), ("-i",), ("--ini",)):
            return system_install(call, caches=())._replace(role=Role.LOCAL, network=False, writes=PathSet())
        return Effects.blocked("project-code", f"{shown_call(call)} runs code that may read any file")
    parsed = _parse(own)
    command, *names = parsed.positionals or ("list",)
    try:
        return _dispatch(own, parsed, command, tuple(names)) | _phar(call)
    except ManifestError as error:
        role = Role.INSTALL if command in {"install", "i", *_WRITING} else Role.LOCAL
        return Effects.blocked(error.slug, error.why, role=role)


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """The packages only, without what reads or runs the project."""
    own = _unwrapped(call)
    if own is None:
        return None
    parsed = _parse(own)
    if parsed.positionals not in (("install",), ("i",)) or parsed.unknown or "--no-autoloader" in parsed.switches:
        return None
    try:
        install = _Install.find(own, parsed)
        install.packages()
    except ManifestError:
        return None
    missing = tuple(flag for flag in ("--no-scripts", "--no-autoloader") if flag not in parsed.switches)
    return Prefetch(
        why="its packages do not depend on the project's sources, and the command itself does the rest",
        flags=missing,
        doubts=install.phase_doubts(),
        done_by=(("composer", "install"), ("composer.phar", "install"), ("php", "composer.phar", "install")),
    )


def _unwrapped(call: Call) -> Call | None:
    """``php [-d k=v] composer.phar …`` as a call of composer; None for any other php."""
    if call.argv[0] != "php":
        return call
    words = list(call.args)
    while len(words) > 1 and words[0].startswith("-d"):
        words = words[2:] if words[0] == "-d" else words[1:]
    is_composer = bool(words) and posixpath.basename(words[0]) in ("composer.phar", "composer") and is_known(words[0])
    return call._replace(argv=("composer", *words[1:]), program=words[0]) if is_composer else None


def _phar(call: Call) -> Effects:
    """The program itself, where php is given its path."""
    named = [word for word in call.args if posixpath.basename(word) in ("composer.phar", "composer")][:1]
    return Effects(reads=PathSet.of(*(join(call.cwd, word) for word in named))) if call.argv[0] == "php" else Effects()


def _parse(call: Call) -> Options:
    return parse_options(call.args, valued=_VALUED, switches=_SWITCHES)


def _dispatch(call: Call, parsed: Options, command: str, names: tuple[str, ...]) -> Effects:
    if command in ("install", "i"):
        if parsed.unknown or names:
            shown = (*parsed.unknown, *names)[0].replace("\0", "…")
            raise ManifestError("unknown-option", f"composer install {shown} is not known")
        return _Install.find(call, parsed).effects()
    if command in ("self-update", "selfupdate", "clear-cache", "clearcache", "cc"):
        role = Role.LOCAL if command.startswith("c") else Role.INSTALL
        return system_install(call, caches=_HOMES)._replace(role=role) | _home(call)
    if command == "global":
        return _global(call, names)
    if command == "config":
        return _config(call, parsed, names)
    if command in _WRITING:
        slug = "lock-would-be-rewritten" if command in ("update", "u", "upgrade") else "install-edits-manifest"
        raise ManifestError(slug, f"{shown_call(call)} writes the manifest or the lock file")
    if command in _QUERIES:
        folder = PathSet.of(trees=(join(call.cwd, "vendor"),))
        return tool_effects(call, caches=_HOMES)._replace(role=Role.LOCAL) | _home(call) | Effects(
            reads=folder | PathSet.of(*(join(call.cwd, n) for n in ("composer.json", "composer.lock", "auth.json")))
        )  # fmt: skip
    raise ManifestError("project-code", f"{shown_call(call)} reads or runs the project's sources")


def _home(call: Call) -> Effects:
    """Composer's home and cache, where variables or the official image put them elsewhere."""
    chosen = [call.env[name] for name in ("COMPOSER_HOME", "COMPOSER_CACHE_DIR") if call.env.get(name)]
    if not all(map(is_known, chosen)):
        raise ManifestError("path-unknown", "where Composer's home lies is only known in a build")
    if call.base.startswith("composer"):
        chosen.append("/tmp")
    trees = PathSet.of(trees=[join(call.cwd, value) for value in chosen])
    return Effects(reads=trees, writes=trees)


def _global(call: Call, names: tuple[str, ...]) -> Effects:
    if names[:1] not in (("require",), ("req",), ("install",), ("update",), ("config",)):
        raise ManifestError("unknown-command", f"what {shown_call(call)} does is not known")
    if any(word.startswith((".", "/")) or not is_known(word.partition(":")[0]) for word in names[1:]):
        raise ManifestError("unknown-argument", f"what {shown_call(call, 4)} installs may come from the project")
    if any(word in ("-d", "--working-dir") or word.startswith("--working-dir=") for word in call.args):
        raise ManifestError("unknown-option", f"{shown_call(call, 5)} works elsewhere")
    return system_install(call, caches=_HOMES) | _home(call)


def _config(call: Call, parsed: Options, names: tuple[str, ...]) -> Effects:
    is_global = bool(parsed.switches & {"--global", "-g"})
    if not is_global or parsed.unknown:
        raise ManifestError("install-edits-manifest", f"{shown_call(call)} writes composer.json")
    if not names or not is_known(names[0]) or not names[0].startswith(_QUIET_KEYS):
        raise ManifestError("unknown-option", f"{shown_call(call, 4)} changes what later installs do")
    effects = tool_effects(call, caches=_HOMES) | _home(call)
    # A new file with harmless keys changes no later install; one that a copy brought is changed by it.
    present = [f.path for f in _settings_files(call) if call.view.find(f.path) is not None]
    return effects._replace(role=Role.LOCAL, network=False, writes=PathSet.of(*present))


def _settings_files(call: Call) -> tuple[SettingsFile, ...]:
    named = call.env.get("COMPOSER_HOME")
    homes = [join(call.cwd, named)] if named else [*at_home(call, ".composer", ".config/composer")]
    return tuple(SettingsFile(join(home, name), call.home) for home in homes for name in ("config.json", "auth.json"))


@dataclass(frozen=True, slots=True)
class _Install:
    """``composer install`` in a project."""

    call: Call
    options: Options
    project: ComposerProject

    @classmethod
    def find(cls, call: Call, parsed: Options) -> _Install:
        """Raises `ManifestError`."""
        directory = (*parsed.values.get("--working-dir", ()), *parsed.values.get("-d", ()), ".")[0]
        named = call.env.get("COMPOSER") or "composer.json"
        if not (is_known(directory) and is_known(named)) or not named.endswith(".json"):
            raise ManifestError("path-unknown", "which composer.json is read is only known in a build")
        place = join(call.cwd, directory)
        # https://getcomposer.org/doc/03-cli.md#composer: the directory must exist, and is the only one looked at.
        return cls(call, parsed, read_project(call.view, join(place, named)))

    def effects(self) -> Effects:
        """All that the command does; raises `ManifestError`."""
        without = self.options.switches
        effects = self.packages()
        if "--no-scripts" not in without and (scripts := self.project.scripts()):
            raise ManifestError("install-runs-project-code", f"composer.json has a script {scripts[0]}")
        if "--no-autoloader" not in without and (why := self._scanning()):
            raise ManifestError("install-builds-project", f"composer makes an autoloader, and {why}")
        return effects | Effects(doubts=self._plugin_doubts())

    def packages(self) -> Effects:
        """The download, which both phases do; raises `ManifestError`."""
        call, project = self.call, self.project
        check_unchanged(call.view, _settings_files(call), "composer")
        if "wikimedia/composer-merge-plugin" in project.plugins():
            raise ManifestError("manifest-not-understood", "composer-merge-plugin reads further manifests")
        git = posixpath.join(project.directory, ".git")
        is_versioned = "version" in project.data or bool(call.env.get("COMPOSER_ROOT_VERSION"))
        if "--no-autoloader" in self.options.switches and call.view.find(git) is not None and not is_versioned:
            raise ManifestError("git-in-copied-repository", f"composer takes the project's version from {git}")
        near = [join(project.directory, name) for name in ("auth.json", "symfony.lock")]
        reads = PathSet.of(project.path, project.lock_path, *near) | project.local_reads()
        effects = tool_effects(call, caches=_HOMES) | _home(call) | self._written()
        evidence = tuple(f"{path}: read by composer" for path in (project.path, project.lock_path))
        lock = PathSet() if project.lock is not None else PathSet.of(project.lock_path)
        return effects | Effects(reads=reads, writes=lock, evidence=evidence)

    def _written(self) -> Effects:
        """The vendor folder, and what settings name beside it."""
        root, config = self.project.directory, self.project.config
        vendor = self.call.env.get("COMPOSER_VENDOR_DIR") or str(config.get("vendor-dir", "vendor"))
        programs = self.call.env.get("COMPOSER_BIN_DIR") or str(config.get("bin-dir", f"{vendor}/bin"))
        if not (is_known(vendor) and is_known(programs)) or "$" in vendor + programs or vendor.startswith("~"):
            raise ManifestError("path-unknown", "where composer installs to is only known in a build")
        place = join(root, vendor)
        extra = self.project.data.get("extra")
        paths = extra.get("installer-paths", {}) if isinstance(extra, dict) else {}
        heads = [str(pattern).partition("{")[0].rstrip("/") for pattern in paths]
        trees = [join(root, name) for name in (programs, *heads) if not is_within(join(root, name), place)]
        if is_within(root, place) or any(is_within(root, tree) for tree in trees):
            raise ManifestError("unknown-option", "composer installs into the middle of the project")
        inside = (Output(place, rebuilt=False),) if is_within(place, root) else ()
        written = PathSet.of(trees=(place, *trees))
        return Effects(reads=written, writes=written, outputs=inside)

    def _scanning(self) -> str | None:
        """Why the autoloader may depend on the project's sources (without a class map it lists folders only)."""
        if found := _SCANNING & self.options.switches:
            return f"{min(found)} makes it scan the sources"
        if set(self.options.values) & {"--apcu-autoloader-prefix"} or any(
            self.project.config.get(key) for key in ("optimize-autoloader", "classmap-authoritative", "apcu-autoloader")
        ):
            return "composer.json makes it scan the sources"
        for section in ("autoload", "autoload-dev"):
            found_section = self.project.data.get(section)
            if isinstance(found_section, dict) and found_section.get("classmap"):
                return f"the class map of {section} is made from the sources"
        git = posixpath.join(self.project.directory, ".git")
        if self.call.view.find(git) is not None and "version" not in self.project.data:
            return f"the project's version comes from {git}"
        return None

    def _plugin_doubts(self) -> tuple[str, ...]:
        if "--no-plugins" in self.options.switches:
            return ()
        found = [name for name in self.project.plugins() if name not in _VETTED_PLUGINS]
        doubts = [f"the plug-in {name} runs during the install" for name in found]
        return (*doubts, *(() if self.project.lock is not None else ("without a lock, plug-ins are not known",)))

    def phase_doubts(self) -> tuple[str, ...]:
        """Why two phases may not end like one."""
        project = self.project
        doubts = list(self._plugin_doubts())
        if not isinstance(project.config.get("autoloader-suffix"), str):
            doubts.append("the autoloader's classes have a random suffix, so that equality cannot be shown")
        if early := sorted(_EARLY.intersection(project.scripts())):
            doubts.append(f"the script {early[0]} would find the packages in place already")
        if self.call.view.find(posixpath.join(project.directory, ".git")) is not None:
            doubts.append("composer looks into .git")
        if "--apcu-autoloader" in self.options.switches:
            doubts.append("the prefix of its APCu keys is random")
        return tuple(doubts)
