"""Which lifecycle scripts of a project are harmless, and what those read.

A script is followed only if every one of its commands is on the list here; anything else may read any file.
https://docs.npmjs.com/cli/v11/using-npm/scripts
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, pairwise

from reorder.effects import PathSet, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manifests.files import ManifestError
from reorder.shell.model import Command, Group, Item, Variable, Word
from reorder.shell.parse import parse_script
from reorder.source import Opaque

_MAX_DEPTH = 6

_HOOK_INSTALLERS = frozenset("husky simple-git-hooks lefthook".split())
"""They set up git hooks, and do nothing where there is no ``.git`` (tried: husky 4, 8, 9; read: the other two)."""

_NO_EFFECT = frozenset(
    "true : exit is-ci is-ci-cli only-allow opencollective opencollective-postinstall check-node-version".split()
)
_RUNNERS = {"npx": (), "pnpx": (), "yarn": (), "pnpm": ("exec", "dlx"), "npm": ("exec", "x"), "bunx": ()}
_RUNNER_SWITCHES = frozenset("-y --yes --no-install --no --silent -s -q --quiet --prefer-offline --".split())
_ENV_CONDITION = lazy_pattern(
    r"""(?:\s|[(){};!]|&&|\|\||[=!]==?|if\b|else\b|throw\s+new\s+Error\((?:'[^']*'|"[^"]*")\)|process\.exit\(\d*\)"""
    r"""|console\.\w+\((?:'[^'`$]*'|"[^"`$]*")\)|process\.env(?:\.\w+|\[(?:'\w+'|"\w+")\])"""
    r"""(?:\.(?:indexOf|includes|startsWith|endsWith)\((?:'[^']*'|"[^"]*")\))?|-?\d++|'[^'`$]*'|"[^"`$]*"|[<>])*+"""
)
"""A ``node -e`` text that only looks at the environment, complains and exits."""


@dataclass(slots=True)
class Needs:
    """What the scripts met so far need: files, and the answers to two questions that only the caller can give."""

    reads: PathSet = field(default_factory=PathSet)
    patches: list[str] = field(default_factory=list)
    prisma_schemas: list[str | None] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)


def judge_script(text: str, *, directory: str, scripts: Mapping[str, str], needs: Needs, depth: int = 0) -> str | None:
    """Add to ``needs`` what the script reads; the command that is not known to be harmless, if there is one.

    ``directory`` is where it runs, ``scripts`` what ``npm run NAME`` in it means.
    """
    if depth > _MAX_DEPTH:
        return text
    script = parse_script(text)
    if isinstance(script, Opaque):
        return text
    judge = _Judge(directory, scripts, needs, depth)
    for item in script.items:
        if (above := _cd_upwards(item, judge.directory)) is not None:
            judge = _Judge(above, {}, needs, depth)
        elif (bad := judge.item(item)) is not None:
            return bad
    return None


def _cd_upwards(item: Item, directory: str) -> str | None:
    """Where ``cd ..`` leads; other directories may not be there during the install."""
    words = [word.literal for word in item.words] if isinstance(item, Command) else []
    if len(words) != 2 or words[0] != "cd" or not re.fullmatch(r"\.\.(?:/\.\.)*/?", words[1] or ""):
        return None
    return join(directory, words[1] or "")


@dataclass(frozen=True, slots=True)
class _Judge:
    directory: str
    scripts: Mapping[str, str]
    needs: Needs
    depth: int

    def item(self, item: Item) -> str | None:
        if any(
            r.target is None or r.target.literal != "/dev/null" for r in item.redirects if r.op not in (">&", "<<<")
        ):
            return "a redirect to a file"
        if isinstance(item, Group):
            return self._group(item)
        words = [self._word(word) for word in item.words]
        if not words:
            return None
        if words[0] in ("echo", "printf"):
            return None if None not in words else _text(item)
        if words[0] in ("test", "["):
            self._test([word or "" for word in words[1:]])
            return None
        if None in words or item.link == "background":
            return _text(item)
        return self._command([w or "" for w in words])

    def _group(self, group: Group) -> str | None:
        if group.kind == "test":
            self._test([self._word(word) or "" for word in group.words])
            return None
        if group.kind not in ("subshell", "brace", "if"):
            return f"a {group.kind}"
        return next((bad for each in group.items if (bad := self.item(each)) is not None), None)

    def _word(self, word: Word) -> str | None:
        """The word's text; a plain variable stands for some text, a substitution for none that is known."""
        if any(not isinstance(part, (str, Variable)) for part in word.parts):
            return None
        return "".join(part if isinstance(part, str) else "$" for part in word.parts)

    def _test(self, words: list[str]) -> None:
        for flag, operand in pairwise(words):
            if re.fullmatch(r"-[a-zA-Z]", flag) and flag not in ("-z", "-n", "-o", "-a"):
                if posixpath.basename(operand) == ".git":
                    self.needs.hooks.append("a test for .git")
                self.needs.reads |= PathSet.of(join(self.directory, operand))

    def _command(self, words: list[str]) -> str | None:
        tool, arguments = words[0], words[1:]
        if tool in ("npm", "yarn", "pnpm", "bun") and (name := _script_name(words, self.scripts)):
            return self._run(name)
        if tool in _RUNNERS:
            inner = _strip_runner(words)
            return self._command(inner) if inner and inner[0] not in _RUNNERS else " ".join(words)
        if tool == "cross-env":
            rest = list(dropwhile(lambda word: "=" in word, arguments))
            return self._command(rest) if rest else None
        tool = tool.partition("@")[0] or tool
        if tool in _NO_EFFECT:
            return None
        if tool in _HOOK_INSTALLERS:
            self.needs.hooks.append(tool)
            return None
        if tool == "patch-package":
            return self._patch_package(words)
        if tool == "prisma" and arguments[:1] == ["generate"]:
            return self._prisma(words)
        if tool == "node" and len(arguments) == 2 and arguments[0] in ("-e", "--eval"):
            return None if _ENV_CONDITION.fullmatch(arguments[1]) else " ".join(words)
        return " ".join(words)

    def _run(self, name: str) -> str | None:
        for event in (f"pre{name}", name, f"post{name}"):
            text = self.scripts.get(event)
            if text is not None:
                bad = judge_script(
                    text, directory=self.directory, scripts=self.scripts, needs=self.needs, depth=self.depth + 1
                )
                if bad is not None:
                    return bad
        return None

    def _patch_package(self, words: list[str]) -> str | None:
        place = "patches"
        arguments = iter(words[1:])
        for word in arguments:
            if word.startswith("--patch-dir"):
                place = word.partition("=")[2] if "=" in word else next(arguments, "")
            elif word not in ("--error-on-fail", "--error-on-warn", "--use-yarn", "--partial", "--reverse"):
                return " ".join(words)
        self.needs.patches.append(join(self.directory, place))
        return None

    def _prisma(self, words: list[str]) -> str | None:
        schema: str | None = None
        arguments = iter(words[2:])
        for word in arguments:
            name, equals, value = word.partition("=")
            if name == "--schema":
                schema = value if equals else next(arguments, "")
            elif name == "--generator":
                _ = value or next(arguments, "")
            elif word not in ("--no-engine", "--no-hints", "--data-proxy", "--accelerate"):
                return " ".join(words)
        self.needs.prisma_schemas.append(join(self.directory, schema) if schema else None)
        return None


def _script_name(words: list[str], scripts: Mapping[str, str]) -> str | None:
    """The script that ``npm run NAME``, ``yarn NAME`` or ``pnpm NAME`` runs, if it takes no arguments."""
    rest = [word for word in words[1:] if word not in ("-s", "--silent", "--if-present", "-q")]
    if rest[:1] in (["run"], ["run-script"]):
        rest = rest[1:]
    elif words[0] in ("npm", "bun"):
        return None
    return rest[0] if len(rest) == 1 and rest[0] in scripts else None


def _strip_runner(words: list[str]) -> list[str]:
    """``npx --no-install husky install`` -> ``husky install``."""
    tool, rest = words[0], words[1:]
    while rest and rest[0] in _RUNNER_SWITCHES:
        rest = rest[1:]
    subcommands = _RUNNERS[tool]
    if rest[:1] and rest[0] in subcommands:
        rest = rest[1:]
    elif tool == "npm" or (tool in ("yarn", "pnpm") and rest[:1] == ["run"]):
        rest = rest[1:] if tool != "npm" else []
    while rest and rest[0] in _RUNNER_SWITCHES:
        rest = rest[1:]
    return rest


def _text(command: Command) -> str:
    return " ".join(word.literal or "$…" for word in command.words)


def project_code_error(event: str, text: str, where: str) -> ManifestError:
    """The refusal for a script that is not known to be harmless."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return ManifestError("install-runs-project-code", f'{where}: {event} runs "{shown}", which may read any file')
