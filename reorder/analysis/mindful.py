"""Programs that mind their own variables: what they do does not depend on a variable that is not theirs.

An allow-list, looked up by what stands in the script, so that whatever is not on it counts as a reader of everything:
``env``, ``awk`` (ENVIRON), ``make``, scripts, interpreters. Package managers are on it with the forms that install.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

from reorder.lazy_patterns import lazy_pattern
from reorder.shell.model import Command, Dynamic, Group, Item, Word

_EVERYDAY = frozenset(
    """
    : true false cd exit return break continue shift unset umask ulimit shopt type which hash wait echo printf sleep
    uname arch nproc date pwd whoami expr seq sync tr basename dirname test [ mkdir rmdir rm unlink touch chmod chown
    chgrp tee truncate mktemp cp mv ln install tar bsdtar unzip gunzip gzip bunzip2 bzip2 xz unxz zstd zcat bzcat xzcat
    cat head tail wc sort uniq nl cut tac paste base64 stat realpath ls du df diff cmp comm file readlink id groups
    md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum shasum grep egrep fgrep sed dos2unix find curl
    wget git useradd adduser usermod userdel deluser groupadd addgroup groupmod groupdel delgroup passwd chpasswd
    """.split()
)
_SYSTEM = frozenset(
    """
    apt apt-get aptitude apt-cache apt-mark apt-key apt-file add-apt-repository apt-add-repository dpkg dpkg-deb
    dpkg-query dpkg-architecture debconf-set-selections lsb_release update-alternatives apk setup-apkrepos dnf dnf5 yum
    microdnf tdnf yum-config-manager dnf-config-manager zypper rpm rpmkeys locale-gen update-locale localedef
    update-ca-certificates update-ca-trust a2enmod a2dismod a2ensite a2dissite a2enconf a2disconf docker-php-ext-install
    docker-php-ext-configure docker-php-ext-enable docker-php-source pecl dpkg-reconfigure update-rc.d chsh gpg
    ldconfig fc-cache setcap virtualenv
    """.split()
)
_FORMS = {
    "pip": "install download wheel config cache uninstall list freeze check",
    "npm": "ci install i add clean-install install-clean isntall config set cache uninstall prune dedupe",
    "yarn": "install add global config cache set focus",
    "pnpm": "install i add fetch config store prune setup",
    "bun": "install i add ci",
    "corepack": "enable prepare install use",
    "poetry": "install sync config export lock self cache",
    "pipenv": "install sync lock requirements",
    "pdm": "install sync config lock self",
    "uv": "sync pip venv tool python lock export cache",
    "conda": "create env install update clean config",
    "bundle": "install config",
    "gem": "install update",
    "go": "mod install get build env version clean",
    "cargo": "fetch install",
    "rustup": "default toolchain target component install update self set override show",
    "composer": "install config global self-update clear-cache",
}
_ALIASES = {
    "bundler": "bundle", "mamba": "conda", "micromamba": "conda", "yarnpkg": "yarn", "composer.phar": "composer",
}  # fmt: skip
_OTHER_FORMS = frozenset(
    "run run-script rum exec x dlx start test t build-backend shell generate vet publish create-project".split()
)
_RUNS_MODULE = lazy_pattern(r"python[\d.]*|pypy[\d.]*")
_OTHER_MODULES = frozenset(("venv", "virtualenv", "ensurepip"))
_MATCHES = frozenset(("grep", "egrep", "fgrep", "sed"))
"""Where ``-E`` means a kind of pattern."""

_SHELLS = frozenset(("sh", "bash", "ash", "dash"))
_STARTS_ANOTHER = lazy_pattern(r"--[\w-]*(?:program|command|exec|shell|eval)\b.*|--eval|-E")
"""Options such as ``sort --compress-program`` and ``rpm --eval``, which start a program."""

_AWK = r"ENVIRON|PROCINFO|SYMTAB|system|getline|\||@|^-f|^--"
_LANGUAGES = {"awk": _AWK, "gawk": _AWK, "mawk": _AWK, "jq": r"(?i)env|^-f|from-file|-L"}
"""Small languages: what in a script of theirs looks at variables, or runs or reads another script."""

_EXECUTES = frozenset(("-exec", "-execdir", "-ok", "-okdir"))


def commands_in(items: Iterable[Item]) -> Iterator[Command]:
    """Every simple command of a script, those in groups and in substitutions included."""
    for item in items:
        words = list(item.words)
        if isinstance(item, Group):
            yield from commands_in(item.items)
        else:
            yield item
            words += (word for _, word in item.assignments)
        words += (redirect.target for redirect in item.redirects if redirect.target is not None)
        for part in (part for word in words for part in word.parts):
            if isinstance(part, Dynamic):
                yield from commands_in(part.commands)


def is_mindful(command: Command) -> bool:
    """Whether a command is on the list."""
    if any("$(" in body or "`" in body for body in (redirect.body or "" for redirect in command.redirects)):
        return False
    if not command.words:
        return True
    name = command.words[0].literal
    args = command.words[1:]
    if name is None:
        return False
    if name in ("export", "readonly", "local"):
        return bool(args) and all(_names_a_variable(word) for word in args)
    if name in _SHELLS:
        return command.link == "pipe" and (not args or args[0].literal in ("-", "-s"))
    return is_mindful_call((name, *(word.literal for word in args)))


def is_mindful_call(argv: Sequence[str | None]) -> bool:
    """The same of a program with its arguments; None is a word that only a run can tell."""
    name, args = posixpath.basename(argv[0] or ""), argv[1:]
    if name not in _MATCHES and any(_STARTS_ANOTHER.fullmatch(word or "") for word in args):
        return False
    if name in _LANGUAGES:
        return all(word is not None and not re.search(_LANGUAGES[name], word) for word in args)
    if name == "set":
        return bool(args) and tuple(args) not in (("-o",), ("+o",))
    if name == "command":
        return bool({"-v", "-V"}.intersection(args[:1]))
    if name == "find":
        return not _EXECUTES.intersection(args) or _executes_everyday(args)
    if _RUNS_MODULE.fullmatch(name):
        is_pip = args[:2] == ("-m", "pip") and _has_form("pip", args[2:])
        return is_pip or (args[:1] == ("-m",) and bool(_OTHER_MODULES.intersection(args[1:2])))
    if re.fullmatch(r"pip[\d.]*", name):
        name = "pip"
    name = _ALIASES.get(name, name)
    if name in _FORMS:
        return _has_form(name, args) or (name == "yarn" and not _operands(args)) or args[-1:] == ("--version",)
    return name in _EVERYDAY or name in _SYSTEM


def _has_form(name: str, args: Sequence[str | None]) -> bool:
    words = _operands(args)
    return bool(words) and words[0] in _FORMS[name].split() and not _OTHER_FORMS.intersection(words)


def _operands(args: Sequence[str | None]) -> list[str | None]:
    return [word for word in args if word is None or not word.startswith("-")]


def _names_a_variable(word: Word) -> bool:
    first = word.parts[0] if word.parts else None
    return isinstance(first, str) and re.match(r"[A-Za-z_]\w*(=|$)", first) is not None


def _executes_everyday(args: Sequence[str | None]) -> bool:
    started = [args[i + 1 : i + 2] for i, word in enumerate(args) if word in _EXECUTES]
    return all(word and word[0] in _EVERYDAY - {"find"} for word in started)
