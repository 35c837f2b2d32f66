"""A line of R that only installs packages by name, told apart from any other R.

https://cran.r-project.org/doc/manuals/r-release/R-lang.html#Literal-constants
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"\s*(?:(\"[^\"\\]*\"|'[^'\\]*')|([A-Za-z.][\w.]*(?:::[A-Za-z.][\w.]*)?)|([0-9.]+L?)|(.))", re.DOTALL
)
INSTALLERS = frozenset(
    """
    install.packages utils::install.packages remotes::install_version remotes::install_cran remotes::install_github
    remotes::install_bioc devtools::install_version devtools::install_cran devtools::install_github
    BiocManager::install pak::pkg_install pak::pak tinytex::install_tinytex tinytex::tlmgr_install update.packages
    torch::install_torch renv::install
    """.split()
)
_HARMLESS = frozenset(
    """
    options library require suppressMessages suppressWarnings c list Sys.setenv Sys.getenv getOption paste0
    parallel::detectCores detectCores stopifnot requireNamespace print cat sessionInfo R.version.string if q quit
    installed.packages rownames message tinytex::tlmgr_update
    """.split()
)
_WORDS = frozenset("TRUE FALSE T F NULL NA Inf in repos".split())


class RCode(NamedTuple):
    """``calls`` are the names of called functions, in order; ``strings`` the literals that installers get.

    ``odd`` is the first thing in the text that this module does not follow.
    """

    calls: tuple[str, ...]
    strings: tuple[str, ...]
    odd: str | None

    @property
    def is_install(self) -> bool:
        """Whether the text installs packages by name and does nothing else."""
        return self.odd is None and not INSTALLERS.isdisjoint(self.calls)

    @property
    def restores(self) -> bool:
        """Whether the text asks renv to bring the library to what the lock file says."""
        return "renv::restore" in self.calls


def read_r(text: str) -> RCode:
    """Look at the calls of a text; assignments of names and all other syntax are odd."""
    tokens = [(found[1], found[2], found[4]) for found in _TOKEN.finditer(text) if found[0].strip()]
    calls: list[str] = []
    strings: list[str] = []
    odd: str | None = None
    for index, (string, name, sign) in enumerate(tokens):
        following = tokens[index + 1][2] if index + 1 < len(tokens) else ""
        if string:
            strings.append(string[1:-1])
        elif name and following == "(":
            calls.append(name)
            if name not in INSTALLERS | _HARMLESS | {"renv::restore", "renv::consent", "renv::init"}:
                odd = odd or name
        elif name and following != "=" and name not in _WORDS and calls[-1:] not in (["library"], ["require"]):
            odd = odd or name
        elif sign and sign not in "(),;=!{}-&|%[]$:\n":
            odd = odd or sign
    return RCode(tuple(calls), tuple(strings), odd)


def local_source(strings: tuple[str, ...], text: str) -> str | None:
    """A string that may name a file, or that packages come from files at all; None if neither."""
    for string in strings:
        if string.startswith((".", "/", "~", "file:")) or string.endswith((".tar.gz", ".tgz", ".zip", ".R")):
            return string
    return "repos = NULL" if re.search(r"repos\s*=\s*NULL", text) else None
