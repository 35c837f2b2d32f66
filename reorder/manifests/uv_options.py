"""The options of uv's commands, and what its environment variables stand for.

From ``uv help`` of uv 0.9; https://docs.astral.sh/uv/reference/cli/ and .../reference/environment/.
"""

from __future__ import annotations

from collections.abc import Mapping

from reorder.manager import Options, is_known, parse_options
from reorder.manifests.files import ManifestError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VALUED = _words(
    "--cache-dir --color --allow-insecure-host --trusted-host --directory --project --config-file -p --python --index"
    " --default-index -i --index-url --extra-index-url -f --find-links --index-strategy --keyring-provider -P"
    " --upgrade-package --resolution --prerelease --fork-strategy --exclude-newer --exclude-newer-package"
    " --reinstall-package --refresh-package --link-mode -C --config-setting --config-settings --config-settings-package"
    " --no-build-isolation-package --no-build-package --no-binary-package --python-platform --preview-features"
    " --extra --no-extra --group --no-group --only-group --package --output-format --no-install-package --script"
    " --format --prune --no-emit-package -o --output-file --python-version --python-preference --python-fetch"
    " --no-sources-package"
)
_SWITCHES = _words(
    "-q --quiet -v --verbose --native-tls --no-native-tls --offline --no-offline --no-progress --no-config -h --help"
    " -V --version -n --no-cache --refresh --no-refresh --managed-python --no-managed-python --no-python-downloads"
    " --preview --no-preview --no-index -U --upgrade --no-upgrade --no-sources --reinstall --no-reinstall"
    " --compile-bytecode --no-compile-bytecode --compile --no-compile --no-build-isolation --build-isolation --no-build"
    " --all-extras --no-all-extras --dev --no-dev --only-dev --no-default-groups --all-groups --no-editable --editable"
    " --inexact --exact --active --no-active --no-install-project --no-install-workspace --no-install-local --locked"
    " --frozen --no-locked --no-frozen --dry-run --all-packages --check --pre --no-annotate --no-header --no-hashes"
    " --no-emit-project --no-emit-workspace --no-emit-local --check-exists --force --isolated --no-binary"
)
_PIP_VALUED = _words(
    "-r --requirements --requirement -e --editable -c --constraints --constraint --overrides --override --excludes -b"
    " --build-constraints --build-constraint --target -t --prefix --no-binary --only-binary --torch-backend"
    " --annotation-style --custom-compile-command -w --with --with-requirements --with-executables-from"
)
_PIP_SWITCHES = _words(
    "--no-deps --require-hashes --no-require-hashes --no-verify-hashes --verify-hashes --system --no-system"
    " --break-system-packages --no-break-system-packages --strict --user --allow-empty-requirements"
    " --no-allow-empty-requirements --no-strip-extras --no-strip-markers --generate-hashes --universal --emit-index-url"
    " --emit-find-links --emit-build-options --emit-index-annotation --disable-pip-version-check --force-reinstall"
    " --no-clean -y --yes --exclude-editable --outdated --files -l --all"
)
_VENV_VALUED = _words("--prompt")
_VENV_SWITCHES = _words(
    "--no-project --seed -c --clear --allow-existing --system-site-packages --relocatable --no-workspace"
)
_PYTHON_VALUED = _words("-i --install-dir --mirror --pypy-mirror --python-downloads-json-url")
_PYTHON_SWITCHES = _words(
    "--no-bin --no-registry -r --reinstall -f --force --default --all -U --upgrade --only-installed --all-versions"
    " --system --no-project --ci"
)
_SEVERAL = _words("-c -r -i -f")
"""Letters that mean something else to ``uv venv`` and ``uv python``."""

_TRUE = _words("1 true t yes y on")


def parse_project_options(args: tuple[str, ...]) -> Options:
    """The words after ``uv``, for commands that work on a project."""
    return parse_options(args, valued=_VALUED, switches=_SWITCHES)


def parse_pip_options(args: tuple[str, ...]) -> Options:
    """The words after ``uv``, for ``uv pip`` and ``uv tool``."""
    switches = _SWITCHES - {"--editable", "--no-binary"} | _PIP_SWITCHES
    return parse_options(args, valued=_VALUED | _PIP_VALUED, switches=switches)


def parse_other_options(args: tuple[str, ...]) -> Options:
    """The words after ``uv``, for ``uv venv``, ``uv python`` and what asks."""
    valued = _VALUED - _SEVERAL | _VENV_VALUED | _PYTHON_VALUED
    switches = _SWITCHES | _VENV_SWITCHES | _PYTHON_SWITCHES
    return parse_options(args, valued=valued - {"-i"} if "venv" in args else valued, switches=switches)


def values(options: Options, *names: str) -> tuple[str, ...]:
    """All values that an option, under any of its names, has been given."""
    return tuple(value for name in names for value in options.values.get(name, ()))


def is_set(options: Options, env: Mapping[str, str], *names: str) -> bool:
    """Whether a switch is given, or its variable is (``--no-dev``: ``UV_NO_DEV``)."""
    variables = ("UV_" + name.strip("-").replace("-", "_").upper() for name in names if name.startswith("--"))
    return any(name in options.switches for name in names) or any(
        env.get(variable, "").lower() in _TRUE for variable in variables
    )


def check_known(words: tuple[str, ...], what: str) -> None:
    """Raise `ManifestError` if one of these is only known in a build."""
    if not all(map(is_known, words)):
        raise ManifestError("path-unknown", f"{what} of uv is only known in a build")
