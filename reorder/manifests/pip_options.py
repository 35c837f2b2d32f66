"""Every option of pip, and the values that environment variables and pip.conf give to them.

From ``pip help`` of pip 20 to 26; https://pip.pypa.io/en/stable/cli/ and .../topics/configuration/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERAL_VALUED = _words(
    "--python --log --log-file --local-log --keyring-provider --proxy --retries --timeout --default-timeout"
    " --exists-action --trusted-host --cert --client-cert --cache-dir --use-feature --use-deprecated --resume-retries"
)
GENERAL_SWITCHES = _words(
    "-h --help --debug --isolated --require-virtualenv --require-venv -v --verbose -q --quiet --no-input --no-proxy-env"
    " --no-cache-dir --disable-pip-version-check --no-color --no-python-version-warning -V --version"
)

_SELECTION = "--platform --python-version --implementation --abi --all-releases --only-final --no-binary --only-binary"
_INDEX = "-i --index-url --pypi-url --extra-index-url --refresh-package --find-links --uploaded-prior-to"
_BUILD = "-C --config-settings --config-setting --global-option --build-option --install-option"

INSTALL_VALUED = _words(
    "-r --requirement -c --constraint --build-constraint --requirements-from-script -e --editable -t --target -f"
    " -d --dest --destination-dir --destination-directory -w --wheel-dir --root --prefix --src --source --source-dir"
    " --source-directory -b --build --build-dir --build-directory --upgrade-strategy --progress-bar"
    f" --root-user-action --report --group {_INDEX} {_SELECTION} {_BUILD}"
)
INSTALL_SWITCHES = _words(
    "--no-deps --no-dependencies --only-deps --dry-run --user --no-user -U --upgrade --force-reinstall -I"
    " --ignore-installed --ignore-requires-python --no-build-isolation --use-pep517 --no-use-pep517"
    " --check-build-dependencies --break-system-packages --compile --no-compile --no-warn-script-location"
    " --no-warn-conflicts --require-hashes --no-require-hashes --no-clean --pre --prefer-binary --no-index --no-verify"
    " --process-dependency-links --use-wheel --no-use-wheel -Z --egg --always-unzip -y --yes"
)
"""The union over install, download, wheel and uninstall, and what older versions knew."""

QUERY_VALUED = _words(f"--path --format --exclude --editor -a --algorithm -r --requirement {_INDEX} {_SELECTION}")
QUERY_SWITCHES = _words(
    "-l --local --user --all --exclude-editable --include-editable -o --outdated -u --uptodate -e --editable"
    " --not-required --pre --prefer-binary --no-index --global --site -f --files --json --ignore-requires-python"
    " -b --bash -z --zsh --fish --powershell"
)

QUERIES = _words("list freeze check show inspect debug index hash help completion search cache config")
"""Commands that install nothing."""

HARMLESS_KEYS = _words(
    "index-url extra-index-url trusted-host timeout default-timeout retries no-cache-dir quiet"
    " disable-pip-version-check break-system-packages root-user-action progress-bar no-color prefer-binary"
)
"""What ``pip config set`` may change without making later installs read other files."""

VENV_VALUED = _words(
    "--prompt -p --python --app-data --pip --setuptools --wheel --extra-search-dir --creators --seeder --try-first-with"
    " --activators --discovery"
)
VENV_SWITCHES = _words(
    "--system-site-packages --symlinks --copies --clear --upgrade --without-pip --upgrade-deps -v --verbose -q --quiet"
    " --always-copy --download --no-download --never-download --no-seed --no-pip --no-setuptools --no-wheel"
    " --no-periodic-update --reset-app-data --symlink-app-data --read-only-app-data --no-vcs-ignore"
    " --without-scm-ignore-files --no-site-packages -h --help --version"
)
"""The options of ``python -m venv`` and of virtualenv."""

_LONG_NAMES = {
    "-r": "--requirement", "-c": "--constraint", "-e": "--editable", "-t": "--target", "-d": "--dest",
    "-w": "--wheel-dir", "-i": "--index-url", "--pypi-url": "--index-url", "-f": "--find-links", "-b": "--build",
    "--destination-dir": "--dest", "--destination-directory": "--dest", "--source": "--src", "--source-dir": "--src",
    "--source-directory": "--src", "--build-dir": "--build", "--build-directory": "--build", "--log-file": "--log",
    "--local-log": "--log",
}  # fmt: skip

READ_FILES = ("--cert", "--client-cert")
WRITTEN_FILES = ("--log", "--report")
WRITTEN_TREES = ("--cache-dir", "--build")
OUTPUT_TREES = ("--target", "--prefix", "--root")
INDEXES = ("--index-url", "--extra-index-url")
PATHS = frozenset((*READ_FILES, *WRITTEN_FILES, *WRITTEN_TREES, *OUTPUT_TREES)) | _words(
    "--requirement --constraint --build-constraint --requirements-from-script --editable --find-links --src --dest"
    " --wheel-dir --python --group"
)
"""Options whose value names files, so that an unknown value matters."""

_REPEATABLE = _words(
    "--requirement --constraint --build-constraint --editable --find-links --extra-index-url --group --no-binary"
    " --only-binary --trusted-host --use-feature --config-settings --global-option"
)
_VALUED = GENERAL_VALUED | INSTALL_VALUED
_ALL = _VALUED | GENERAL_SWITCHES | INSTALL_SWITCHES
_FALSE = frozenset(("", "0", "no", "off", "false", "n", "f"))


def long_name(name: str) -> str:
    """The one name by which the rest of the project knows an option."""
    return _LONG_NAMES.get(name, name)


def spell_out(word: str) -> str:
    """A long option in full: pip takes any abbreviation that fits one option alone, as in ``--no-cache``."""
    name, equals, value = word.partition("=")
    if not name.startswith("--") or name == "--" or name in _ALL:
        return word
    fitting = [option for option in _ALL if option.startswith(name)]
    return f"{fitting[0]}{equals}{value}" if len(fitting) == 1 else word


def environment_options(env: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The options that ``PIP_*`` variables set, with their values; pip ignores names that it does not know."""
    for name, value in env.items():
        if name.startswith("PIP_"):
            yield from _setting(name[4:], value)


def config_options(text: str, command: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The options that a pip.conf sets for ``command``, with their values. Raises `configparser.Error`."""
    from configparser import RawConfigParser

    parser = RawConfigParser()
    parser.read_string(text)
    for section in ("global", command):
        if parser.has_section(section):
            for name, value in parser.items(section):
                yield from _setting(name.removeprefix("--"), value)


def _setting(name: str, value: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    option = long_name("--" + name.lower().replace("_", "-"))
    if option in _VALUED:
        yield option, tuple(value.split() if option in _REPEATABLE else filter(None, [value.strip()]))
    elif option in _ALL - {"--help", "--version"} and value.lower() not in _FALSE:
        yield option, ()
