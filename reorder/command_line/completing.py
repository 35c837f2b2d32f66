"""What a shell is offered when somebody presses the tabulator key behind an option or a command."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

Items = list[CompletionItem[str]]


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """Leave it to the shell, which knows files best."""
    del ctx, param
    return [CompletionItem(incomplete, type="file")]


def complete_folders(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The same for folders."""
    del ctx, param
    return [CompletionItem(incomplete, type="dir")]


def complete_changes(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The slugs of changes, also behind a comma; those that are given already are left out."""
    from reorder.slugs import CHANGES

    before, comma, last = incomplete.rpartition(",")
    given = {*before.split(","), *(ctx.params.get(param.name or "") or ())}
    fresh = (slug for slug in CHANGES if slug not in given)
    return [CompletionItem(before + comma + slug, help=CHANGES[slug].text) for slug in fresh if slug.startswith(last)]


def complete_topics(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """What ``explain`` can explain: slugs and package managers."""
    from reorder.manager import manager_names
    from reorder.slugs import CHANGES, REFUSALS

    del ctx, param
    told = dict.fromkeys(manager_names(), "") | {slug: p.text for slug, p in CHANGES.items()} | REFUSALS
    return [CompletionItem(name, help=told[name] or None) for name in sorted(told) if name.startswith(incomplete)]


def complete_costs(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The kinds of steps, up to the sign of equality."""
    from reorder.weighing.costs import KINDS

    del ctx, param
    return _beginning(incomplete, (f"{kind}=" for kind in KINDS))


def _beginning(incomplete: str, names: Iterable[str]) -> Items:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
