from __future__ import annotations

import pytest

from reorder.api import fix_text
from reorder.context.memory import MemoryTree
from reorder.outcome import Failed


@pytest.mark.parametrize(("lines", "managers"), [
    ("", ()),
    ("RUN npm ci && pip install -r requirements.txt", ("npm", "pip")),
    ("RUN apt-get update && apt-get install -y git && rm -rf /x", ("apt",)),
    ("RUN if test -f x; then yarn install; fi", ("yarn",)),
    ('RUN ["npm", "ci"]', ("npm",)),
    ("RUN python -m pip install x", ("pip",)),
    ("RUN python3.11 -m poetry install", ("poetry",)),
    ("RUN python manage.py migrate", ()),
    ("RUN node server.js", ()),
    ("RUN /usr/bin/npm ci", ("npm",)),
    ("RUN cp a b && echo npm", ()),
    ("RUN unknown-tool\nRUN cargo build", ("cargo",)),
    ("FROM x\nRUN go mod download\nFROM y\nRUN bundle install", ("bundler", "go")),
])  # fmt: skip
def test_the_managers_whose_commands_the_runs_hold(lines: str, managers: tuple[str, ...]) -> None:
    outcome = fix_text(f"FROM base\n{lines}\n", MemoryTree({"package.json": "{}"}))
    assert not isinstance(outcome, Failed)
    assert outcome.managers == managers
