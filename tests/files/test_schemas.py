from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from simulator.files.designs import json_schema, load_design, write_design
from simulator.files.yaml_tree import parse
from simulator.kinds.registry import KINDS as REAL_KINDS
from tests.files.kinds import KINDS, TALK
from tests.files.test_designs import GOOD
from tests.seeds import CONVERSATIONS, DEBATES

SCHEMA = json_schema(TALK)


def faults(text: str) -> list[str]:
    data: Any = parse(text)[0].plain()
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(data)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_seeds_fit_as_people_and_as_the_program_write_them(path: Path) -> None:
    assert faults(path.read_text()) == []
    assert faults(write_design(load_design(path, KINDS))) == []


@pytest.mark.parametrize("path", DEBATES, ids=lambda path: path.stem)
def test_debates_fit_their_own_schema(path: Path) -> None:
    schema = Draft202012Validator(json_schema(REAL_KINDS["debate"]))
    for text in (path.read_text(), write_design(load_design(path, REAL_KINDS))):
        assert [error.message for error in schema.iter_errors(parse(text)[0].plain())] == []
    written = parse(path.read_text().replace("rounds: 3", "rounds: many"))[0].plain()
    assert not schema.is_valid(written)


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "speaker: random\n",
        GOOD + "speaker: {method: weighted, weights: {guard: 2}}\n",
        GOOD + "speaker: {method: weighted, weights: [{role: guard, weight: 2}]}\n",
        GOOD + "shared_sections: [{title: a, content: b}]\n",
        GOOD.replace("    no: {}", "    no:"),
        GOOD.replace("        Risks: c", "        Risks: null"),
    ],
)
def test_short_and_long_forms_fit(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "messagges: 3\n",
        GOOD + "speaker: rondom\n",
        GOOD + "sampling: {temperature: 9}\n",
        GOOD + "shared_sections: text\n",
        GOOD + "shared_sections: {Goal: ''}\n",
        GOOD + "shared_sections: {' ': x}\n",
        GOOD + "speaker: {method: weighted, weights: {guard: 0}}\n",
        GOOD.replace("kind: conversation\n", ""),
        GOOD.replace("Keep order.", "3"),
        GOOD.replace("    no: {}", "    no: text"),
        GOOD.replace("        Risks: c", "        Risks: 3"),
        GOOD.replace("  - name: prisoner", "  - nam: prisoner"),
        GOOD[: GOOD.index("  risks:")].replace("factors:", "factors: {risks: {}}"),
    ],
)
def test_faults_do_not_fit(text: str) -> None:
    assert faults(text)


def test_the_schema_describes_its_fields() -> None:
    properties = SCHEMA["properties"]
    assert properties["roles"]["description"] == "In this order they speak in turn."
    assert "evenly" in properties["messages"]["description"]
    assert SCHEMA["$defs"]["Role"]["properties"]["count"]["description"]
    assert SCHEMA["$defs"]["Sampling"]["properties"]["top_p"]["description"]
