"""cpanm, cpm and carton, which install Perl modules by name or from a cpanfile.

A cpanfile is Perl code, as a rule of ``requires`` lines only; without one, cpanm runs the project's Makefile.PL or
Build.PL. https://metacpan.org/dist/App-cpanminus/view/bin/cpanm, https://metacpan.org/pod/cpanfile (not built here)
"""

from __future__ import annotations

import re

from reorder.effects import Effects, Output, PathSet, Role, Safety, is_within, join
from reorder.manager import Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.toolchains import refusal, shown_call, system_install

manager = Manager(
    __name__,
    ecosystem="Perl",
    tools=("cpanm", "cpm", "carton"),
    role=Role.INSTALL,
    rules=(
        Rule("cpanm NAME", "moves", Safety.UNSAFE, "documented", "it reads nothing of the project"),
        Rule("cpanm --installdeps ., cpm install, carton install", "moves", Safety.UNSAFE, "documented",
             "they read the cpanfile, which is code of a plain form"),
        Rule("cpanm ., cpanm --installdeps . without a cpanfile", "stays", None, "", "it runs Makefile.PL"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --installdeps --notest -n --test-only --force -f --quiet -q --verbose -v --skip-satisfied --no-skip-satisfied
    --reinstall --sudo -S --no-sudo --auto-cleanup --no-man-pages --man-pages --mirror-only --with-recommends
    --with-suggests --with-develop --with-configure --without-recommends --without-suggests --without-develop
    --self-upgrade --uninst-shadows --no-interactive --interactive --no-lwp --no-wget --no-curl --dev --cascade-search
    --version -V --help -h --deployment --cached --without --global -g --no-test --test --show-build-log-on-failure
    --with-all --color --no-color --static-install --without-test --with-test --info --look
    """.split()
)
_VALUED = frozenset(
    """
    --local-lib -l --local-lib-contained -L --mirror --from --cpanfile --cpanmetadb --save-dists --configure-timeout
    --build-timeout --test-timeout --with-feature --without-feature --workers -w --resolver -r --path --snapshot
    --target-perl --retry --home --local-lib-contained
    """.split()
)
_LINE = re.compile(
    r"""(?:(?:requires|recommends|suggests|conflicts|\w+_requires|mirror|osname)\s*\(?\s*(?:['"][^'"$@]*['"]|[\w:]+)
    (?:\s*(?:=>|,)\s*(?:['"][^'"$@]*['"]|[\w:.]+))*\s*,?\s*\)?\s*;?
    |(?:on|feature)\s*\(?\s*['"\w][^{;$@]*(?:=>|,)\s*sub\s*\{|\}\s*\)?\s*;?|use\s+(?:strict|warnings|utf8)\s*;)?""",
    re.VERBOSE,
)
_DOUBT = "what Perl's installers do was not tried in a build"


@manager
def analyze(call: Call) -> Effects:
    """Tell the three programs apart."""
    parsed = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    try:
        if parsed.unknown:
            raise ManifestError("unknown-option", f"{shown_call(call)}: an option is not known")
        effects = _cpanm(call, parsed) if call.argv[0] == "cpanm" else _from_cpanfile(call, parsed)
        return effects | Effects(doubts=(_DOUBT,))
    except ManifestError as error:
        return refusal(error)


def _install(call: Call) -> Effects:
    for name in ("PERL5OPT", "PERL_CPANM_OPT", "PERL5LIB"):
        value = call.env.get(name, "")
        if not is_known(value) or (name == "PERL5OPT" and value) or re.search(r"(^|[\s:=])\.", value):
            raise ManifestError("unknown-argument", f"{name} changes what {call.argv[0]} reads")
    named = [call.env[n] for n in ("PERL_CPANM_HOME", "PERL_LOCAL_LIB_ROOT", "PERL_CPM_HOME") if call.env.get(n)]
    if not all(map(is_known, named)):
        raise ManifestError("path-unknown", f"where {call.argv[0]} works is only known in a build")
    trees = PathSet.of(trees=[join(call.cwd, value) for value in named])
    return system_install(call, caches=(".cpanm", ".cpan", ".perl-cpm", "perl5")) | Effects(reads=trees, writes=trees)


def _library(call: Call, parsed: Options, default: str) -> Effects:
    """The folder that options name for the modules."""
    names = ["--local-lib", "-l", "--local-lib-contained", "-L"]
    if call.argv[0] != "cpanm":
        names.append("--path")
    chosen = [value for name in names for value in parsed.values.get(name, ())] or [default]
    if not all(map(is_known, chosen)):
        raise ManifestError("path-unknown", f"where {call.argv[0]} installs to is only known in a build")
    places = [join(call.cwd, value) for value in chosen if value]
    if any(is_within(call.cwd, place) for place in places):
        raise ManifestError("unknown-option", f"{shown_call(call)} installs into the middle of the project")
    written = PathSet.of(trees=places)
    inside = tuple(Output(place, rebuilt=False) for place in places if is_within(place, call.cwd))
    return Effects(reads=written, writes=written, outputs=inside)


def _cpanm(call: Call, parsed: Options) -> Effects:
    effects = _install(call) | _library(call, parsed, "") | _mirrors(call, parsed)
    if "--look" in parsed.switches or {"--save-dists", "--home"} & set(parsed.values):
        raise ManifestError("unknown-option", f"{shown_call(call)} is not followed")
    names = parsed.positionals
    if "--installdeps" in parsed.switches:
        if names not in ((".",), ("./",)):
            raise ManifestError("unknown-argument", f"{shown_call(call, 4)} may take a folder of the project")
        return effects | _cpanfile(call, (*parsed.values.get("--cpanfile", ()), "cpanfile")[0])
    for name in names:
        if not re.fullmatch(r"[A-Za-z][\w:]*(?:[@~][\w.,<>=! -]+)?|https?://\S+", name):
            slug = "install-builds-project" if name.startswith(".") else "unknown-argument"
            raise ManifestError(slug, f"{shown_call(call, 4)} may build the project")
    return effects | Effects(reads=PathSet.of(*(join(call.cwd, re.split("[@~]", name)[0]) for name in names)))


def _mirrors(call: Call, parsed: Options) -> Effects:
    """Mirrors that are folders."""
    values = [value for name in ("--mirror", "--from") for value in parsed.values.get(name, ()) if is_known(value)]
    local = [value.removeprefix("file://") for value in values if "://" not in value or value.startswith("file:")]
    return Effects(reads=PathSet.of(trees=[join(call.cwd, value) for value in local]))


def _cpanfile(call: Call, name: str) -> Effects:
    if not is_known(name):
        raise ManifestError("path-unknown", "which cpanfile is read is only known in a build")
    path = join(call.cwd, name)
    if call.view.find(path) is None:
        raise ManifestError("install-builds-project", f"without a {name} it runs the project's Makefile.PL or Build.PL")
    text = read_manifest(call.view, path, f"read by {call.argv[0]}").decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if not _LINE.fullmatch(re.sub(r"(^|\s)#.*", "", line).strip()):
            raise ManifestError("manifest-not-understood", f"{path}:{number}: it is Perl code that is not followed")
    near = ("META.json", "META.yml", "MYMETA.json", "MYMETA.yml", "cpm.yml", "cpanfile.snapshot")
    reads = PathSet.of(path, *(join(call.cwd, each) for each in near))
    return Effects(reads=reads, evidence=(f"{path}: read by {call.argv[0]}",))


def _from_cpanfile(call: Call, parsed: Options) -> Effects:
    """``carton install`` and ``cpm install``."""
    command, *names = parsed.positionals or ("help",)
    if command != "install":
        raise ManifestError("project-code", f"{shown_call(call)} runs code that may read any file")
    effects = _install(call) | _mirrors(call, parsed)
    is_global = bool(parsed.switches & {"-g", "--global"}) and call.argv[0] == "cpm"
    effects |= _library(call, parsed, "" if is_global else "local")
    if names:
        return effects | _cpanm_names(call, names)
    effects |= _cpanfile(call, (*parsed.values.get("--cpanfile", ()), "cpanfile")[0])
    snapshot = join(call.cwd, "cpanfile.snapshot")
    if call.argv[0] == "carton":
        effects |= Effects(reads=PathSet.of(trees=(join(call.cwd, "vendor/cache"),)))
        if "--deployment" not in parsed.switches:
            if call.view.find(snapshot) is not None:
                raise ManifestError("lock-would-be-rewritten", "carton install may rewrite cpanfile.snapshot")
            effects |= Effects(writes=PathSet.of(snapshot))
    return effects


def _cpanm_names(call: Call, names: list[str]) -> Effects:
    for name in names:
        if not re.fullmatch(r"[A-Za-z][\w:]*(?:[@~][\w.,<>=! -]+)?", name):
            raise ManifestError("unknown-argument", f"{shown_call(call, 4)} may build the project")
    return Effects()
