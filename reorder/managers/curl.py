"""curl: writes what it is told to, reads its configuration and the files that options name.

https://curl.se/docs/manpage.html (8.x). Abbreviated long options are declined.
"""

from __future__ import annotations

from reorder.effects import Effects, PathSet, Role
from reorder.manager import UNKNOWN, Call, Manager, Options, parse_options
from reorder.manifests.downloads import NETWORK_READS, last_segment
from reorder.manifests.operands import at_home, reading, unknown_option, writing

manager = Manager(__name__, kind="command", tools=("curl",), role=Role.DOWNLOAD)

_SWITCHES = frozenset(
    "-f -s -S -L -k -O -J -I -i -v -g -G -n -N -q -R -a -4 -6 -0 -1 -2 -3 -# -Z -j -l --fail --silent"
    " --show-error --location --insecure --remote-name --remote-name-all --remote-header-name --head --include"
    " --verbose --globoff --get --create-dirs --compressed --tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3"
    " --progress-bar --no-progress-meter --location-trusted --fail-with-body --fail-early --retry-connrefused"
    " --retry-all-errors --ipv4 --ipv6 --http1.1 --http1.0 --http2 --http3 --no-buffer --netrc --netrc-optional"
    " --disable --raw --no-keepalive --remote-time --ssl --ssl-reqd --ssl-no-revoke --anyauth --basic --digest"
    " --parallel --append --no-sessionid --tcp-nodelay --http2-prior-knowledge --remove-on-error --no-clobber"
    " --version -V --help -h --proxy-insecure --no-alpn".split()
)
_HARMLESS = (
    "-A --user-agent -e --referer -m --max-time --connect-timeout --retry --retry-delay --retry-max-time -X"
    " --request -u --user -x --proxy -U --proxy-user -w --write-out --proto --proto-redir --proto-default -r"
    " --range -y -Y --speed-limit --speed-time --limit-rate --max-redirs --resolve --connect-to -C --continue-at"
    " -z --time-cond --ciphers --tls13-ciphers --tls-max --interface --noproxy --url --max-filesize --parallel-max"
    " --oauth2-bearer --keepalive-time --dns-servers --doh-url --aws-sigv4 --curves --form-string --data-raw"
    " --expect100-timeout"
).split()
_READ = "--cacert --capath -E --cert --key --crlfile --netrc-file -T --upload-file -b --cookie --proxy-cacert".split()
_READ_AFTER_AT = (
    "-d --data --data-ascii --data-binary --data-urlencode -H --header -F --form --json --url-query".split()
)
_WRITTEN = "-o --output -D --dump-header -c --cookie-jar --stderr --trace --trace-ascii --etag-save".split()
_VALUED = frozenset((*_HARMLESS, *_READ, *_READ_AFTER_AT, *_WRITTEN, "--output-dir", "-K", "--config"))


@manager
def analyze(call: Call) -> Effects:
    """Reads and writes by option; what goes to standard output writes nothing."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    if {"-K", "--config"} & set(options.values):
        return unknown_option(call, "--config")
    urls = (*options.positionals, *options.values.get("--url", ()))
    if any(url.lower().startswith("file:") for url in urls):
        return Effects.blocked("unknown-option", "curl reads a file by its URL")
    doubts = ("what curl fetches is only known at build time",) if UNKNOWN in urls else ()
    effects = Effects(reads=_configuration(call), role=Role.DOWNLOAD, network=True, doubts=doubts)
    return effects | _reads(call, options) | _writes(call, options, urls)


def _configuration(call: Call) -> PathSet:
    if call.args[:1] in (("-q",), ("--disable",)):
        return NETWORK_READS
    return NETWORK_READS | PathSet.of(*at_home(call, ".curlrc", ".config/curlrc", ".netrc", ".ssh/known_hosts"))


def _reads(call: Call, options: Options) -> Effects:
    files = [value for name in _READ for value in options.values.get(name, ())]
    for value in (value for name in _READ_AFTER_AT for value in options.values.get(name, ())):
        _, at, path = value.partition("@")
        if at and (value.startswith("@") or "=@" in value or "=<" in value):
            files.append(path.partition(";")[0])
        elif "=<" in value:
            files.append(value.partition("=<")[2])
    return reading(call, *(path for path in files if "=" not in path), depth="tree")


def _writes(call: Call, options: Options, urls: tuple[str, ...]) -> Effects:
    directory = (options.values.get("--output-dir") or (".",))[-1]
    outputs = [_within(directory, value) for name in ("-o", "--output") for value in options.values.get(name, ())]
    others = [value for name in _WRITTEN[2:] for value in options.values.get(name, ())]
    effects = Effects()
    if options.switches & {"-J", "--remote-header-name"}:
        effects |= writing(call, directory, depth="tree")
    elif options.switches & {"-O", "--remote-name", "--remote-name-all"}:
        outputs += [_within(directory, last_segment(url)) for url in urls if last_segment(url)]
        if not all(last_segment(url) for url in urls):
            effects |= writing(call, directory, depth="tree")
    for output in outputs:
        # ``#1`` stands for what a ``{a,b}`` or ``[1-9]`` of the URL matched.
        effects |= writing(call, output.partition("#")[0] + "*" if "#" in output else output)
    return effects | writing(call, *others)


def _within(directory: str, path: str) -> str:
    return path if directory == "." or path == "-" or path.startswith("/") else f"{directory}/{path}"
