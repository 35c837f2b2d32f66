"""What a shell is offered when somebody presses the tabulator key behind an option or a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    Items = list[CompletionItem[str]]


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """Leave it to the shell, which knows files best."""
    del ctx, param
    return [_item(incomplete, kind="file")]


def complete_folders(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The same for folders."""
    del ctx, param
    return [_item(incomplete, kind="dir")]


def complete_changes(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The slugs of changes, also behind a comma; those that are given already are left out."""
    from reorder.slugs import CHANGES

    before, comma, last = incomplete.rpartition(",")
    given = {*before.split(","), *(ctx.params.get(param.name or "") or ())}
    fresh = (slug for slug in CHANGES if slug not in given)
    return [_item(before + comma + slug, CHANGES[slug].text) for slug in fresh if slug.startswith(last)]


def complete_topics(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """What ``explain`` can explain: slugs and package managers."""
    from reorder.manager import manager_names
    from reorder.slugs import CHANGES, REFUSALS

    del ctx, param
    told = dict.fromkeys(manager_names(), "") | {slug: p.text for slug, p in CHANGES.items()} | REFUSALS
    return [_item(name, told[name]) for name in sorted(told) if name.startswith(incomplete)]


def complete_costs(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """The kinds of steps, up to the sign of equality."""
    from reorder.weighing.costs import KINDS

    del ctx, param
    return [_item(f"{kind}=") for kind in KINDS if f"{kind}=".startswith(incomplete)]


def _item(value: str, told: str = "", *, kind: str = "plain") -> CompletionItem[str]:
    from click.shell_completion import CompletionItem  # a plain run needs it not

    return CompletionItem(value, type=kind, help=told or None)
