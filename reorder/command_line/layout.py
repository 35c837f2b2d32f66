"""Commands whose help has its options in groups, and choices that suggest what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reorder.suggestions import did_you_mean

_GROUPS = {
    "What is done": """
        --diff --check --output --verify --changed-since --against --smoke --touch --no-gain --commits --stdin-filename
        """.split(),
    "Which changes": "--unsafe-fixes --select --ignore --exclude".split(),
    "The build": """
        --context --target --builder --build-arg --secret --ssh --network --platform --timeout
        """.split(),
    "The work": "--jobs --memory --dask --retry-failed --clones --builds".split(),
    "The commits": "--commit --push --branch --author --message --message-file --sign-off --remote".split(),
    "What a step costs": "--timings --cost".split(),
    "What is told": "--format --report --verbose --quiet".split(),
}
"""By the heads of the help; an option of several commands is in the same group in all of them."""
_OTHERS = "Other options"
_NAME_COLUMNS = 26

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:  # before click 8.2 it takes no type
    _Choice = click.Choice


class GroupedCommand(click.Command):
    """A command with the groups above; what is in none of them comes last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups."""
        heads = {name: head for head, names in _GROUPS.items() for name in names}
        found: dict[str, list[tuple[str, str]]] = {head: [] for head in (*_GROUPS, _OTHERS)}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                found[next((heads[name] for name in param.opts if name in heads), _OTHERS)].append(record)
        for head, records in found.items():
            if records:
                with formatter.section(head):
                    formatter.write_dl(records, col_max=_NAME_COLUMNS)


class Choice(_Choice):
    """One of a few words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Raises `click.BadParameter`, with a suggestion if there is one."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            message = error.message.rstrip(".") + f"{did_you_mean(str(value), self.choices)}."
            raise click.BadParameter(message, ctx, param) from None
