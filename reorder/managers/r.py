"""R: packages installed by name from a line of R, and ``renv::restore()``.

What R reads when it starts: https://stat.ethz.ch/R-manual/R-devel/library/base/html/Startup.html; of renv:
https://rstudio.github.io/renv/articles/docker.html. Not tried on a real build, so that nothing is safe.
"""

from __future__ import annotations

import posixpath
import re

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Rule, is_known
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.r_code import RCode, local_source, read_r
from reorder.manifests.toolchains import refusal, shown_call, system_install

manager = Manager(
    __name__,
    ecosystem="R",
    tools=("R", "Rscript", "install2.r", "install.r", "installGithub.r", "installBioc.r", "littler"),
    role=Role.INSTALL,
    rules=(
        Rule('R -e "install.packages(…)"', "moves", Safety.UNSAFE, "documented", "it reads the profile in the folder"),
        Rule("install2.r NAME", "moves", Safety.UNSAFE, "documented", "it reads the profile in the folder"),
        Rule('R -e "renv::restore()"', "moves", Safety.UNSAFE, "documented",
             "it reads renv.lock, .Rprofile and renv's own files"),
        Rule("Rscript FILE", "stays", None, "", "it runs a script of the project"),
    ),
)  # fmt: skip

_PLAIN = frozenset(("--vanilla", "--no-init-file", "--no-environ"))
_OPTIONS = frozenset(
    """
    --vanilla --no-init-file --no-environ --no-save --no-restore --save --restore --quiet -q --silent --slave -s
    --no-echo --no-site-file --no-restore-data --no-restore-history --no-readline --interactive --verbose --version
    """.split()
)
_CACHES = ("R", ".cache/R", ".local/share/renv", ".cache/pak", "bin", ".TinyTeX", ".R")
_RENV_FILES = ("renv.lock", ".Rprofile", "renv/activate.R", "renv/settings.json", "renv/settings.dcf", "DESCRIPTION")
_RENV_TREES = ("renv/local", "renv/cellar", "renv/profiles")
_UNPROVEN = "what an install of R packages reads is documented, but was not tried on a real build"


@manager
def analyze(call: Call) -> Effects:
    """A line of R, or littler's scripts."""
    try:
        if call.argv[0] not in ("R", "Rscript"):
            return _littler(call)
        if call.args[:1] == ("--version",):
            return Effects()
        return _expressions(call)
    except ManifestError as error:
        return refusal(error)


def _expressions(call: Call) -> Effects:
    texts, options = _take_apart(call)
    if not all(map(is_known, texts)):
        raise ManifestError("unknown-argument", f"a part of what {call.argv[0]} runs is only known at build time")
    text = "\n".join(texts)
    code = read_r(text)
    if code.restores:
        return _restore(call, code)
    if not code.is_install:
        what = f" ({code.odd})" if code.odd else ""
        raise ManifestError("project-code", f"the line of R does more than install packages by name{what}")
    if (source := local_source(code.strings, text)) is not None:
        raise ManifestError("unknown-argument", f"the line of R may install from files of the project ({source})")
    return _install(call, _profile(call, options))


def _take_apart(call: Call) -> tuple[list[str], set[str]]:
    """The texts after ``-e``, and the options; raises `ManifestError` for anything else."""
    texts: list[str] = []
    options: set[str] = set()
    words = iter(call.args)
    for word in words:
        if word == "-e":
            texts.append(next(words, ""))
        elif word in _OPTIONS or word.startswith(("--default-packages=", "--repos=", "--encoding=")):
            options.add(word)
        elif word.startswith("-"):
            raise ManifestError("unknown-option", f"{call.argv[0]} {word} is not known".replace("\0", "$…"))
        else:
            raise ManifestError("project-code", f"{shown_call(call)} runs a script, which may read any file")
    if not texts:
        raise ManifestError("project-code", f"{shown_call(call)} runs what it is given on standard input")
    return texts, options


def _install(call: Call, profile: Effects) -> Effects:
    return system_install(call, caches=_CACHES) | profile | Effects(doubts=(_UNPROVEN,))


def _profile(call: Call, options: set[str]) -> Effects:
    """The files of the working directory that R starts with; a profile is code."""
    if "--vanilla" in options:
        return Effects()
    names = [".Renviron", ".RData"] + [".Rprofile"] * ("--no-init-file" not in options)
    if call.view.find(join(call.cwd, ".Rprofile")) is not None and ".Rprofile" in names:
        return _renv_profile(call)
    return Effects(reads=PathSet.of(*(join(call.cwd, name) for name in names)))


def _renv_profile(call: Call) -> Effects:
    """A profile that does nothing but activate renv; raises `ManifestError` for another one."""
    path = join(call.cwd, ".Rprofile")
    text = read_manifest(call.view, path, "run when R starts").decode("utf-8", "replace")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    if any(line and not re.fullmatch(r"source\(['\"]renv/activate\.R['\"]\)", line) for line in lines):
        raise ManifestError("project-code", f"{path} is code that runs when R starts")
    return _renv(call)


def _renv(call: Call) -> Effects:
    reads = PathSet.of(
        *(join(call.cwd, name) for name in (*_RENV_FILES, ".Renviron")),
        trees=[join(call.cwd, name) for name in _RENV_TREES],
    )
    made = ("renv/library", "renv/staging", "renv/python")
    return Effects(reads=reads, outputs=tuple(Output(join(call.cwd, name), rebuilt=False) for name in made))


def _restore(call: Call, code: RCode) -> Effects:
    if code.odd is not None:
        raise ManifestError("project-code", f"the line of R does more than restore the library ({code.odd})")
    lock = join(call.cwd, "renv.lock")
    text = read_manifest(call.view, lock, "read by renv").decode("utf-8", "replace")
    if re.search(r'"RemoteUrl"\s*:\s*"(?:file:|[./~])|"Source"\s*:\s*"Local"', text):
        raise ManifestError("manifest-not-understood", f"{lock} names packages that lie in a folder")
    if call.view.find(join(call.cwd, ".Rprofile")) is not None:
        _renv_profile(call)
    return _install(call, _renv(call)) | Effects(evidence=(f"{lock}: read by renv",))


def _littler(call: Call) -> Effects:
    """``install2.r --error NAME …``: names of packages; a path is a package of the project."""
    names: list[str] = []
    words = iter(call.args)
    for word in words:
        if word in ("-r", "--repos", "-n", "--ncpus", "-d", "--deps", "-m", "--method", "-t", "--type"):
            next(words, None)
        elif word in ("-l", "--libloc") or not is_known(word):
            raise ManifestError("unknown-argument", f"{shown_call(call)}: a part that may name files")
        elif not word.startswith("-"):
            names.append(word)
    if not names or call.argv[0] == "littler":
        raise ManifestError("project-code", f"{shown_call(call)} runs what it is given")
    for name in names:
        is_file = name.startswith((".", "/", "~")) or name.endswith((".tar.gz", ".tgz", ".R"))
        if is_file or call.view.find(posixpath.join(call.cwd, name)) is not None:
            raise ManifestError("unknown-argument", f"{shown_call(call)} may install {name} from the project")
    return _install(call, _profile(call, set()))
