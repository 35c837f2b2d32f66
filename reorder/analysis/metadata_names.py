"""Which variables carry metadata of a build: its date, its commit, its number; they change with every build.

The name says so, as nothing else does: the value comes from outside. Dates and commits are nobody's configuration.
Versions, tags and numbers have common names, which the build of a dependency may look for in its environment.
"""

from __future__ import annotations

import re
from enum import Enum

from reorder.lazy_patterns import lazy_pattern


class MetadataKind(Enum):
    """How sure it is that no program but the project's own looks for a variable of that name."""

    PLAIN = "plain"
    COMMON = "common"


_DATES = (
    r"created|build_?(?:date|time|timestamp|datetime|date_?time)|built_(?:at|on|date)|date_created|created_(?:at|on|date)"
    r"|(?:image|container|docker)_(?:created|date)|(?:git_|vcs_)?commit_(?:date|time|timestamp)|release_date"
)
_COMMITS = (
    r"(?:git|vcs|scm|source|src|repo|code|head|build|app|image|release|short|full|last|latest|current|project)_?"
    r"(?:short_)?(?:sha(?:1|256)?|(?:git_)?commit(?:_?(?:sha1?|hash|id|ref|rev|short))?|hash|revision|rev|ref)"
    r"|(?:git|vcs|source|scm)_(?:branch|describe)|git_short_(?:sha|hash|commit)"
    r"|commit(?:_?(?:sha1?|hash|id|ref|rev|short|short_sha))?|git_?sha_short|revision"
)
_PLAIN = lazy_pattern(
    rf"(?:(?:app|image|docker|project|service)_)?(?:{_DATES}|{_COMMITS})(?:_utc|_iso|_short|_long|_arg)?", re.IGNORECASE
)
_COMMON = lazy_pattern(
    r"(?:(?:app|application|image|package|pkg|project|service|release|build|product|component|software"
    r"|label|code|source)_?)?(?:version|semver)"
    r"|version_(?:tag|string|number|label)|(?:(?:image|release|git|build|version|docker|source|app)_)?tag|release(?:_name)?"
    r"|build(?:_?(?:number|num|no|id|counter|tag|url|info|label|version|name))?"
    r"|(?:job|pipeline|run|workflow|jenkins_build)_?(?:id|number|url)|ci_\w+|github_(?:sha|ref|ref_name|head_ref|run_\w+)"
    r"|circle_(?:sha1|tag|branch|build_\w+)|travis_(?:commit|tag|branch|build_\w+)|buildkite_\w+|drone_\w+"
    r"|date|timestamp|sha",
    re.IGNORECASE,
)
_TOOLS = lazy_pattern(
    r"(?i:(?:pip|uv|poetry|pipenv|pdm|python|npm|node|yarn|pnpm|bun|corepack|cgo|cargo|rust|rustup|maven|mvn|gradle"
    r"|java|jdk|bundle|bundler|gem|ruby|composer|php|dotnet|nuget|msbuild|mix|hex|conda|mamba|go|git|apt|debian|dpkg"
    r"|apk|curl|wget|ssl|openssl|ld|lc|docker|buildkit|xdg|aws|virtual_env|setuptools|cmake|make|electron|puppeteer"
    r"|playwright|cypress|sharp|prisma)(?:_.*)?)"
    r"|(?i:path|home|lang|language|tz|term|ci|debug|tmpdir|shell|env|bash_env|ifs|user|pwd|cc|cxx|\w*flags"
    r"|source_date_epoch|\w+_proxy|hostname|display|editor|pager|no_color|prefix|arch|target\w+|build(?:platform|os|arch|variant))"
    r"|GO\w*|LD_\w*|PYTHON\w*|RUST\w*|RUBY\w*"
)
"""Variables that tools look for (RULEBOOK, below table D); a ``*_VERSION`` of a tool is what its installer asks for."""


def metadata_kind(name: str) -> MetadataKind | None:
    """What a variable's name says; None if it is no metadata, or perhaps a setting of a tool.

    ``GIT_SHA``, ``VCS_REF``, ``BUILD_DATE`` and the like are `PLAIN`: git itself reads none of them (git(1),
    ENVIRONMENT VARIABLES).
    """
    if _PLAIN.fullmatch(name):
        return MetadataKind.PLAIN
    return MetadataKind.COMMON if _COMMON.fullmatch(name) else None


def changes_with_every_build(name: str) -> bool:
    """Whether a variable carries a date, a commit or a number; a version or a tag changes with a release."""
    return metadata_kind(name) is not None and not re.search(r"version|semver|tag|release", name, re.IGNORECASE)


def is_tool_setting(name: str) -> bool:
    """Whether a tool may look for a variable of that name, so that an ENV of it never passes a RUN."""
    return metadata_kind(name) is not MetadataKind.PLAIN and _TOOLS.fullmatch(name) is not None
