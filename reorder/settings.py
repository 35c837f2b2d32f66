"""What the user asks for, as the pipeline takes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from reorder.configuration.model import Resolved
from reorder.weighing.costs import Costs
from reorder.weighing.history import History
from reorder.world.builds import ProjectBuilds


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user asks for.

    ``context`` is a folder; None: find it (see `fix_file`). ``history`` tells how often its files change; None: ask git
    about a context on disk (`History()`: there is none, names have to tell). ``costs`` are seconds of a run of a step.
    ``builds``: what the project says about its builds; None: look around the Dockerfile. ``target``: a stage that is
    built for its own sake, beside those that the project names; ``target_from`` names it in an error.
    """

    context: str | None = None
    history: History | None = None
    builds: ProjectBuilds | None = None
    costs: Costs = field(default_factory=Costs)
    unsafe_fixes: bool = False
    select: frozenset[str] = field(default_factory=frozenset)
    ignore: frozenset[str] = field(default_factory=frozenset)
    target: str | None = None
    target_from: str = "target"


def settings_of(resolved: Resolved) -> Settings:
    """The settings for one Dockerfile, as flags, environment and configuration file have them."""
    values, origins = resolved.values, resolved.origins
    target = origins["target"]
    own = {kind: cost for kind, cost in values.costs.items() if origins[f"costs.{kind}"].kind != "default"}
    return Settings(
        context=values.context, costs=Costs(own), unsafe_fixes=bool(values.unsafe_fixes), target=values.target,
        select=values.select or frozenset(),
        ignore=frozenset(values.ignore or ()).union(*values.per_file_ignores.values()),
        target_from=f"{target.name}: target" if target.kind == "file" else target.name or "target",
    )  # fmt: skip
