"""The commands that set up parts of a system: locales, certificates, the linker's cache, keys, web servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role
from reorder.manager import Call, Manager, parse_options
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.operands import at_home, changing, reading, unknown_option, writing


class _Setup(NamedTuple):
    """Folders that a command without operands of its own reads and writes; operands are names, not paths."""

    trees: tuple[str, ...]
    writes: tuple[str, ...] = ()
    role: Role = Role.LOCAL
    network: bool = False


_SYSTEM = tuple(SYSTEM_TREES)
_PHP = (*_SYSTEM, "/usr/src/php", "/usr/src/php.tar.xz")
_LOCALES = ("/etc/locale.gen", "/etc/locale.conf", "/etc/default/locale", "/usr/lib/locale", "/usr/share/i18n",
            "/usr/share/locale", "/usr/local/share/i18n")  # fmt: skip
_CERTIFICATES = ("/etc/ssl", "/etc/ca-certificates", "/etc/ca-certificates.conf", "/etc/pki",
                 "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/pki")  # fmt: skip
_APACHE = ("/etc/apache2", "/var/lib/apache2", "/usr/lib/apache2", "/usr/share/apache2")
_SETUPS = {
    "locale-gen": _Setup(_LOCALES, _LOCALES, Role.SYSTEM),
    "update-locale": _Setup(_LOCALES, _LOCALES),
    "localedef": _Setup(_LOCALES, _LOCALES, Role.SYSTEM),
    "update-ca-certificates": _Setup(_CERTIFICATES, _CERTIFICATES),
    "update-ca-trust": _Setup(_CERTIFICATES, _CERTIFICATES),
    "mandb": _Setup(_SYSTEM, ("/var/cache/man",)),
    "update-rc.d": _Setup(("/etc",), ("/etc",)),
    "systemctl": _Setup(("/etc/systemd", "/lib/systemd", "/usr/lib/systemd"), ("/etc/systemd",)),
    **dict.fromkeys("a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf".split(), _Setup(_APACHE, _APACHE)),
    "docker-php-ext-install": _Setup(_PHP, (*_SYSTEM, "/usr/src/php"), Role.SYSTEM),
    "docker-php-ext-configure": _Setup(_PHP, (*_SYSTEM, "/usr/src/php"), Role.SYSTEM),
    "docker-php-ext-enable": _Setup(_SYSTEM, _SYSTEM),
    "docker-php-source": _Setup(_PHP, ("/usr/src/php",)),
}  # fmt: skip

manager = Manager(
    __name__,
    kind="command",
    role=Role.SYSTEM,
    tools=(*_SETUPS, "gpg", "gpgconf", "setcap", "crontab", "pecl", "ssh-keyscan", "ldconfig", "fc-cache"),
)


@manager
def analyze(call: Call) -> Effects:
    """By program."""
    tool = call.argv[0]
    if tool in _RULES:
        return _RULES[tool](call)
    setup = _SETUPS[tool]
    reads = PathSet.of(trees=setup.trees)
    if any(word.startswith(("/", "./", "../")) and not reads.has(word) for word in call.args):
        return unknown_option(call, " ".join(call.args))
    return Effects(
        reads=reads,
        writes=PathSet.of(trees=setup.writes),
        role=setup.role,
        network=setup.network,
    )


_GPG_SWITCHES = frozenset(
    "--batch --yes --no-tty --quiet -q --dearmor --import --verify --recv-keys --recv-key --recv --armor -a"
    " --no-default-keyring --receive-keys --export --list-keys --fingerprint --with-colons --show-keys"
    " --no-options --version --enarmor --with-fingerprint --trust-model --decrypt -d --ignore-time-conflict"
    " --no-autostart".split()
)
_GPG_VALUED = frozenset(
    "-o --output --keyserver --keyserver-options --homedir --keyring --no-default-recipient --dirmngr-program"
    " --status-fd --keyid-format --passphrase-fd --auto-key-locate --pinentry-mode".split()
)


def _gpg(call: Call) -> Effects:
    """Keys live in ``~/.gnupg``, in ``$GNUPGHOME``, or where options say."""
    options = parse_options(call.args, valued=_GPG_VALUED, switches=_GPG_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    homes = options.values.get("--homedir") or ((call.env["GNUPGHOME"],) if "GNUPGHOME" in call.env else ())
    keyrings = [ring.removeprefix("gnupg-ring:") for ring in options.values.get("--keyring", ())]
    outputs = [value for name in ("-o", "--output") for value in options.values.get(name, ())]
    is_network = bool(
        {"--keyserver"} & set(options.values)
        or options.switches & {"--recv-keys", "--receive-keys", "--recv-key", "--recv"}
    )
    role = Role.DOWNLOAD if is_network else Role.LOCAL
    effects = Effects(reads=NETWORK_READS | PathSet.of(trees=["/etc/gnupg"]), role=role, network=is_network)
    effects |= changing(call, *(homes or at_home(call, ".gnupg")), depth="tree")
    effects |= changing(call, *keyrings) | writing(call, *outputs)
    takes_names = options.switches & {
        "--recv-keys",
        "--receive-keys",
        "--recv",
        "--export",
        "--list-keys",
        "--fingerprint",
    }
    return effects if takes_names else effects | reading(call, *options.positionals)


def _setcap(call: Call) -> Effects:
    return changing(call, *call.args[-1:])


def _crontab(call: Call) -> Effects:
    operands = [word for word in call.args if not word.startswith("-")]
    spool = PathSet.of(trees=("/var/spool/cron", "/etc/crontabs"))
    return reading(call, *operands) | Effects(reads=spool, writes=spool)


def _pecl(call: Call) -> Effects:
    """``pecl install NAME`` builds an extension from the network; a path is a project."""
    words = [word for word in call.args if not word.startswith("-")]
    if words[:1] not in (["install"], ["update-channels"], ["channel-update"]) or any(
        "/" in word for word in words[1:]
    ):
        return unknown_option(call, " ".join(call.args))
    trees = PathSet.of(trees=(*SYSTEM_TREES, "/tmp/pear", *at_home(call, ".pearrc")))
    return Effects(reads=trees | NETWORK_READS, writes=trees, role=Role.SYSTEM, network=True)


def _keyscan(call: Call) -> Effects:
    del call
    return Effects(reads=NETWORK_READS, network=True)


def _ldconfig(call: Call) -> Effects:
    """ldconfig(8): the cache lists the libraries of every folder that /etc/ld.so.conf names, wherever it lies."""
    trees = PathSet.of(trees=_SYSTEM)
    if call.args and set(call.args) <= {"-p", "--print-cache", "-V", "--version", "-?", "--help", "--usage"}:
        return Effects(reads=trees)
    return Effects.blocked("unknown-command", "ldconfig lists the libraries of every folder named in its configuration")


_FONTS = (".fonts", ".local/share/fonts", ".config/fontconfig", ".fonts.conf", ".fonts.conf.d")


def _fc_cache(call: Call) -> Effects:
    """fc-cache(1), with the folders of a plain fonts.conf; operands are further ones."""
    options = parse_options(
        call.args,
        valued=frozenset(("-y", "--sysroot")),
        switches=frozenset(
            "-E -f -r -s -v -V -h --error-on-no-fonts --force --really-force --system-only --verbose --version"
            " --help".split()
        ),
    )
    if options.unknown or options.values:
        return unknown_option(call, " ".join(call.args))
    system = Effects(reads=PathSet.of(trees=_SYSTEM), writes=PathSet.of(trees=("/var/cache/fontconfig",)))
    own = reading(call, *at_home(call, *_FONTS), *options.positionals, depth="tree")
    return system | own | changing(call, *at_home(call, ".cache/fontconfig", ".fontconfig"), depth="tree")


_RULES: dict[str, Callable[[Call], Effects]] = {
    "gpg": _gpg, "gpgconf": lambda call: changing(call, *at_home(call, ".gnupg"), depth="tree"), "setcap": _setcap,
    "crontab": _crontab, "pecl": _pecl, "ssh-keyscan": _keyscan,
    "ldconfig": _ldconfig, "fc-cache": _fc_cache,
}  # fmt: skip
