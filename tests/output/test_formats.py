"""Every format over every outcome of the corpus and over hostile ones, held against the schemas that exist."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from outcomes import changed, corpus_outcomes, hostile_outcomes

from reorder.outcome import Changed, Failed, Outcome
from reorder.output.formats import FORMATS
from reorder.output.report import ReportOptions

SCHEMAS = Path(__file__).parent / "schemas"
SETS = {"corpus": corpus_outcomes, "hostile": hostile_outcomes, "none": tuple}
LOUD = ReportOptions(diff=True, verbose=True, version="1.2.3")
DONE = ReportOptions(is_done=True, diff=True)


def render(name: str, outcomes: tuple[Outcome, ...], options: ReportOptions | None = None) -> str:
    return "".join(FORMATS[name].load()(outcomes, options or LOUD))


@cache
def _validator(name: str) -> Any:
    schema = json.loads((SCHEMAS / name).read_text())
    return jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())


def _check_json(schema: str) -> Callable[[str], None]:
    return lambda text: _validator(schema).validate(json.loads(text))


def _check_xml(text: str) -> None:
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(io.StringIO(text))


CHECKS = {
    "sarif": _check_json("sarif-schema-2.1.0.json"),
    "gitlab": _check_json("gitlab-code-quality.schema.json"),
    "rdjson": _check_json("rdjson.schema.json"),
    "junit": _check_xml,
}


@pytest.mark.parametrize("options", [LOUD, ReportOptions(), DONE], ids=["verbose", "quiet", "done"])
@pytest.mark.parametrize("source", SETS)
@pytest.mark.parametrize("name", CHECKS)
def test_the_schema_holds(name: str, source: str, options: ReportOptions) -> None:
    CHECKS[name](render(name, SETS[source](), options))


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_can_fail(name: str) -> None:
    text = render(name, hostile_outcomes())
    word = {"sarif": '"level"', "junit": "failure"}.get(name, "severity")
    broken = text.replace(word, word.replace("e", "o"))
    with pytest.raises((jsonschema.ValidationError, xmlschema.XMLSchemaException)):
        CHECKS[name](broken)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_outcomes_give_the_same_report(name: str) -> None:
    assert render(name, corpus_outcomes()) == render(name, corpus_outcomes())


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"text"}))
def test_no_report_holds_raw_control_characters(name: str) -> None:
    text = render(name, hostile_outcomes())
    assert [c for c in text if not c.isprintable() and c not in "\n\t"] == []
    text.encode("utf-8")


@pytest.mark.parametrize("name", ["sarif", "gitlab", "rdjson", "github", "junit"])
def test_every_change_refusal_and_failure_is_told_once(name: str) -> None:
    outcomes = corpus_outcomes()[:40] + tuple(Failed(f"f{n}", "", "no") for n in range(3))
    told = sum(
        len(o.refusals) + (len(o.changes) if isinstance(o, Changed) else 0) if not isinstance(o, Failed) else 1
        for o in outcomes
    )
    text = render(name, outcomes)
    counts = {
        "sarif": lambda: text.count('"physicalLocation"'),
        "gitlab": lambda: len(json.loads(text)),
        "rdjson": lambda: len(json.loads(text)["diagnostics"]) - text.count("needs this one, too"),
        "github": lambda: len([line for line in text.splitlines() if "more, in the log" not in line]),
        "junit": lambda: text.count("<testcase") - text.count('name="nothing to repair"'),
    }
    assert counts[name]() == told


@pytest.mark.parametrize("name", ["gitlab", "rdjson", "sarif", "github"])
def test_refusals_are_no_alerts_unless_they_are_asked_for(name: str) -> None:
    [outcome] = [o for o in corpus_outcomes() if o.path.startswith("npm-postinstall-runs-project-code/")]
    assert "install-runs-project-code" in render(name, (outcome,))
    assert "install-runs-project-code" not in render(name, (outcome,), ReportOptions(diff=True))


@pytest.mark.parametrize("name", ["gitlab", "rdjson", "sarif"])
def test_what_is_written_is_no_finding_any_more(name: str) -> None:
    [outcome] = [o for o in corpus_outcomes() if isinstance(o, Changed) and o.path.startswith("npm-ci-broad-copy/")]
    assert "broad-copy-before-install" in render(name, (outcome,))
    assert "broad-copy-before-install" not in render(name, (outcome,), DONE)


@pytest.mark.parametrize("name", ["text", "json"])
def test_text_and_json_come_outcome_by_outcome(name: str) -> None:
    taken: list[int] = []

    def outcomes() -> Iterator[Outcome]:
        for number in range(3):
            taken.append(number)
            yield changed(f"{number}/Dockerfile")

    pieces = FORMATS[name].load()(outcomes(), LOUD)
    assert "0/Dockerfile" in next(iter(pieces))
    assert taken == [0]


def test_fingerprints_are_unique() -> None:
    marks = [issue["fingerprint"] for issue in json.loads(render("gitlab", corpus_outcomes()))]
    assert len(marks) == len(set(marks)) > 300


def test_a_format_is_imported_when_it_is_asked_for() -> None:
    program = (
        "import sys, reorder.cli\n"
        "loaded = [name for name in sys.modules if name.startswith('reorder.output.')]\n"
        "assert not {'reorder.output.sarif', 'reorder.output.junit', 'reorder.output.markdown'} & set(loaded), loaded"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
