"""wget: writes the file that ``-O`` or the URL names, reads its configuration.

https://www.gnu.org/software/wget/manual/ (1.21), and BusyBox's, which knows a part of the same options.
"""

from __future__ import annotations

from reorder.effects import Effects, PathSet, Role
from reorder.manager import UNKNOWN, Call, Manager, Options, parse_options
from reorder.manifests.downloads import NETWORK_READS, last_segment
from reorder.manifests.operands import at_home, reading, unknown_option, writing

manager = Manager(__name__, kind="command", tools=("wget",), role=Role.DOWNLOAD)

_SWITCHES = frozenset(
    "-q -c -N -S -v -nv -nc -4 -6 -d -nd -nH --quiet --continue --timestamping --server-response --verbose"
    " --no-verbose --no-clobber --no-check-certificate --content-disposition --trust-server-names --https-only"
    " --inet4-only --inet6-only --show-progress --no-cache --no-cookies --no-dns-cache --retry-connrefused"
    " --no-hsts --no-proxy --retry-on-host-error --auth-no-challenge --no-iri --no-netrc --spider --version -V"
    " --force-directories -x --no-directories --no-host-directories --recursive -r --no-parent -np --mirror -m"
    " --no-use-server-timestamps --no-config --ignore-length --passive-ftp --unlink -l --page-requisites -p"
    " --convert-links -k".split()
)
_HARMLESS = (
    "-t --tries -T --timeout --connect-timeout --read-timeout --dns-timeout -w --wait --waitretry --header -U"
    " --user-agent --progress --secure-protocol --user --password --http-user --http-password --referer"
    " --limit-rate --max-redirect --method --body-data --post-data -e --execute --retry-on-http-error"
    " --prefer-family --cut-dirs --level -A -R --accept --reject --random-wait --compression --local-encoding"
    " --ciphers --proxy-user --proxy-password"
).split()
_READ = "--ca-certificate --ca-directory --certificate --private-key --load-cookies --post-file --body-file".split()
_WRITTEN = "-o --output-file -a --append-output --save-cookies".split()
_VALUED = frozenset((*_HARMLESS, *_READ, *_WRITTEN, "-O", "--output-document", "-P", "--directory-prefix"))
_NAMES_UNKNOWN = frozenset(
    "--content-disposition --trust-server-names -r --recursive -m --mirror -x --force-directories -p"
    " --page-requisites".split()
)


@manager
def analyze(call: Call) -> Effects:
    """Reads and writes by option; without any, a file named after the URL in the working directory."""
    arguments = [word for word in call.args if word not in ("-nv", "-nc", "-nd", "-nH", "-np")]
    arguments = [word.replace("-nv", "-", 1) if word.startswith("-nv") else word for word in arguments]
    options = parse_options(arguments, valued=_VALUED, switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    commands = [value for name in ("-e", "--execute") for value in options.values.get(name, ())]
    if not all(command.partition("=")[0].strip() in ("robots", "use_proxy", "https_proxy") for command in commands):
        return unknown_option(call, "--execute")
    doubts = ("what wget fetches is only known at build time",) if UNKNOWN in options.positionals else ()
    settings = at_home(call, ".wgetrc", ".netrc", ".wget-hsts")
    effects = Effects(
        reads=NETWORK_READS | PathSet.of(*settings, "/etc/wgetrc", "/usr/local/etc/wgetrc", "/etc/netrc"),
        writes=PathSet.of(*at_home(call, ".wget-hsts")), role=Role.DOWNLOAD, network=True, doubts=doubts,
    )  # fmt: skip
    files = [value for name in _READ for value in options.values.get(name, ())]
    logs = [value for name in _WRITTEN for value in options.values.get(name, ())]
    return effects | reading(call, *files, depth="tree") | writing(call, *logs) | _downloads(call, options)


def _downloads(call: Call, options: Options) -> Effects:
    if options.switches & {"--spider"}:
        return Effects()
    outputs = [value for name in ("-O", "--output-document") for value in options.values.get(name, ())]
    if outputs:
        return writing(call, *outputs)
    prefixes = [value for name in ("-P", "--directory-prefix") for value in options.values.get(name, ())]
    directory = (prefixes or ["."])[-1]
    names = [last_segment(url if "://" in url else "http://" + url) for url in options.positionals]
    if options.switches & _NAMES_UNKNOWN or not all(names):
        return writing(call, directory, depth="tree")
    paths = [f"{directory.rstrip('/')}/{name}" for name in names]
    # A name that is taken gets ``.1`` behind it: whether it is taken counts as read.
    return writing(call, *paths) | reading(call, *paths)
