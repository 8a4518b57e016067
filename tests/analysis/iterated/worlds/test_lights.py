"""Objects and a light."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.worlds.agreement import contradictory
from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.lights import Lights

PUBLISHED = Path(__file__).resolve().parents[5] / "shared" / "data" / "iterated" / "h_df.csv"

SCREENS = Lights()
LETTERS = Lights("lights-letters", ("A", "B", "C", "D", "E"))
ON_A = '{"A": "on", "B": "off", "C": "und", "D": "off", "screen": "und"}'

rules = st.sampled_from(SCREENS.hypotheses)


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published hypotheses are not here")
def test_feasible_hypotheses_are_the_published_table() -> None:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        rows = [{one: row[one] for one in SCREENS.objects} for row in csv.DictReader(file)]
    assert [SCREENS.statuses(one) for one in SCREENS.feasible] == rows


def test_hypotheses_are_in_lexicographic_order() -> None:
    order = itertools.product(("on", "off", "und"), repeat=5)
    assert [tuple(SCREENS.statuses(one).values()) for one in SCREENS.hypotheses] == [*order]
    assert SCREENS.hypotheses[0] == json.dumps(dict.fromkeys(SCREENS.objects, "on"))
    assert (len(SCREENS.hypotheses), len(SCREENS.feasible)) == (243, 162)
    assert SCREENS.feasible[33] == ON_A
    assert len(LETTERS.feasible) == 180


def test_inputs_count_in_binary_with_the_first_object_as_the_highest_bit() -> None:
    assert len(SCREENS.inputs) == 31
    assert SCREENS.inputs[:4] == ("screen", "D", "D, screen", "C")
    assert SCREENS.inputs[16] == "A, screen"
    assert SCREENS.inputs[-1] == "A, B, C, D, screen"


@given(rules, st.sampled_from(SCREENS.inputs))
@settings(max_examples=60)
def test_on_wins_over_undecided_and_undecided_over_off(rule: str, asked: str) -> None:
    of = [json.loads(rule)[one] for one in asked.split(", ")]
    light = "on" if "on" in of else "und" if "und" in of else "off"
    assert SCREENS.predict(rule, asked) == light


def test_ambiguous_data_leave_three_hypotheses_or_two() -> None:
    for truth in SCREENS.feasible[::7]:
        alternative = SCREENS.alternative(truth)
        assert alternative is not None
        assert SCREENS.statuses(alternative) == {**SCREENS.statuses(truth), "screen": "off"}
        data = SCREENS.ambiguous(truth, alternative)
        assert {
            len({SCREENS.predict(one, asked) for one in (truth, alternative)}) for asked, _ in data
        } == {1}
        left = SCREENS.consistent(data)
        assert {truth, alternative} <= {*left}
        others = {status for one, status in SCREENS.statuses(truth).items() if one != "screen"}
        shown = SCREENS.statuses(truth)["screen"] == "und" and "und" in others
        assert len(left) == (2 if shown else 3)


def test_a_world_without_a_screen_has_no_alternative() -> None:
    assert LETTERS.alternative(LETTERS.hypotheses[0]) is None


def test_data_that_contradict_each_other_leave_nothing() -> None:
    data = (Example("A", "off"), Example("B", "off"), Example("A, B", "on"))
    assert SCREENS.consistent(data) == ()
    assert contradictory(SCREENS, data)
    assert not contradictory(SCREENS, data[:2])


@pytest.mark.parametrize(
    "text",
    [
        "Rule: " + ON_A,
        f"Thinking of {{A, B}} it is clear.\n```json\n{ON_A}\n```\nDone.",
        '{"reason": "A {on}: so", "Rule": ' + ON_A + "}",
        ON_A.replace('"', "'"),
        ON_A.replace("}", ",}"),
        ON_A.replace('"', ""),
        ON_A.replace('"on"', '"ON"').replace("screen", "Screen").replace("und", "Undecided"),
        ON_A.replace('"und"', '"undetermined"').replace('"off"', '"turned off"'),
        "{\n" + ON_A.strip("{}").replace(", ", ",\n  ") + "\n}",
        '{"A": "off", "B": "off", "C": "off", "D": "off", "screen": "off"} or rather ' + ON_A,
        ON_A + ' where {"Z": "on"} is not asked for',
        f'Rule: {ON_A}\nSince {{"screen": "und"}} is und and {{A: on, C: und}} is on.',
        f'{ON_A} it is, since {{"screen": "off"}} is off',
        '{"screen": "und", "D": "off", "C": "und", "B": "off", "A": "on", "reason": "x, y: z"}',
        "Rule: A: on, B: off, C -> und, D = off, screen: undecided",
        "Sure.\n- **A**: on\n- **B**: off\n- object C: und\n- the D: off (never on)\n- screen: und",
        ON_A.removesuffix("}"),
        ON_A.replace('"', "\u201c"),
    ],
)
def test_rules_are_read_however_loosely_they_are_written(text: str) -> None:
    assert SCREENS.read_rule(text).hypothesis == ON_A


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no rule in the reply"),
        ("I cannot tell; {A, B} was on.", "no rule in the reply"),
        ('{"A": "on", "B": "off"}', "the rule says nothing of C, D and screen"),
        (
            '{"A": "on", "B": "off", "C": "on", "D": "on", "E": "on"}',
            "`E` is no object of this world",
        ),
        ('{"Z": "on"}', "`Z` is no object of this world"),
        (ON_A.replace('"on"', '"green"'), "`green` is no status of the object A"),
        (ON_A.replace('"on"', "null"), "`null` is no status of the object A"),
        ('{"A": "on", "A": "off", "B": "on"}', "the rule names the object A twice"),
        (ON_A + '\nRule: {"A": "on"}', "the rule says nothing of B, C, D and screen"),
        (ON_A + '\nRule: {"A": "on", "B', "the rule says nothing of B, C, D and screen"),
    ],
)
def test_what_is_no_rule_is_told(text: str, reason: str) -> None:
    read = SCREENS.read_rule(text)
    assert (read.hypothesis, read.reason) == (None, reason)


@given(rules, st.permutations(SCREENS.objects), st.sampled_from(['"', "'", ""]))
@settings(max_examples=40)
def test_the_order_of_objects_and_the_quotes_do_not_matter(
    rule: str, order: list[str], quote: str
) -> None:
    statuses = SCREENS.statuses(rule)
    text = ", ".join(f"{quote}{one}{quote}: {quote}{statuses[one]}{quote}" for one in order)
    assert SCREENS.read_rule(f"So\n{{{text}}}").hypothesis == rule


SCREEN_ON = Example("A, screen", "on")


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("Input: A, screen\nOutput: on", [SCREEN_ON]),
        ("Input: screen, A; Output: on.", [SCREEN_ON]),
        ("A, screen -> on\nscreen and A => ON", [SCREEN_ON, SCREEN_ON]),
        ("Input: A, screen Output: on Input: C Output: off", [SCREEN_ON, Example("C", "off")]),
        (
            "1. Input: A, screen; Output: on. 2. Input: C; Output: off",
            [SCREEN_ON, Example("C", "off")],
        ),
        ("Input: A, screen\nOutput: the light is on", [SCREEN_ON]),
        ("Input: A, screen\nOutput: The light turns **on**.", [SCREEN_ON]),
        (
            "Input: C\nOutput: it stays off\nA, screen -> turns the light on",
            [Example("C", "off"), SCREEN_ON],
        ),
        ("A, screen -> on, C -> off", [SCREEN_ON, Example("C", "off")]),
        ("A, screen -> on; C -> off", [SCREEN_ON, Example("C", "off")]),
        ("{A, screen}: on, {C}: off", [SCREEN_ON, Example("C", "off")]),
        ("{A, screen}: on\n[C]: off", [SCREEN_ON, Example("C", "off")]),
        ("1. screen + A \u2192 on\n2) b \u2192 undetermined.", [SCREEN_ON, Example("B", "und")]),
        ("**Input:** A, screen\n**Output:** `on`", [SCREEN_ON]),
        ('{"Input": "A, screen", "Output": "on"}', [SCREEN_ON]),
        ('[{\n "input": ["A", "screen"],\n "output": "on"\n}]', [SCREEN_ON]),
        (f"Rule: {ON_A}\nHere are more examples:\nA, screen: on (as A is on)", []),
        (f"Rule: {ON_A}\nHere are more examples:\nA, A, screen: on", [SCREEN_ON]),
        ("{\n" + ON_A.strip("{}").replace(", ", ",\n") + "\n}", []),
        ("", []),
    ],
)
def test_examples_are_read_in_all_their_forms(text: str, data: list[Example]) -> None:
    read = SCREENS.read_data(text)
    assert (read.data, read.left_out, read.wrong) == (tuple(data), (), 0)


def test_examples_that_are_left_out_are_told_one_by_one() -> None:
    text = """Input: A, Z
Output: on
Input:
Output: on
Input: A
Input: B
Output: the light is not on
Input: B
Output: maybe
{A, screen}:
Output: off
Input: D"""
    read = SCREENS.read_data(text)
    assert read.data == ()
    assert read.left_out == (
        "`Z` is no object of this world",
        "an example without an input",
        "no output for the input A",
        "`the light is not on` is nothing that the light does",
        "`maybe` is nothing that the light does",
        "no output for the input A, screen",
        "an example without an input",
        "no output for the input D",
    )
    assert read.wrong == 3


def test_long_words_of_replies_are_cut_in_reasons() -> None:
    (reason,) = SCREENS.read_data(f"Input: {'x' * 500}\nOutput: on").left_out
    assert len(reason) < 80
