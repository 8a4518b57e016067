"""What holds in every world."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.worlds.agreement import consistent, contradictory, explained
from simulator.analysis.iterated.worlds.base import Example, World
from simulator.analysis.iterated.worlds.registry import WORLDS, world_named
from simulator.errors import NotFoundError, UsageError

SMALL: dict[str, dict[str, object]] = {
    "lights": {"objects": ("A", "B", "screen")},
    "lights-letters": {"objects": ("X", "Y")},
    "numbers": {"largest": 12, "widths": (3,)},
    "language": {},
}
WHOLE = [world_named(name) for name in WORLDS]
LITTLE = [world_named(name, **settings) for name, settings in SMALL.items()]

every_world = pytest.mark.parametrize("world", WHOLE, ids=lambda world: world.name)
every_little_world = pytest.mark.parametrize("world", LITTLE, ids=lambda world: world.name)

PIECES = ("A", "screen", "on", "und", "Rule:", "Input:", "Output:", "->", "{", "}", '"', "'", ":")
MORE = (
    ",",
    "\n",
    " ",
    "16",
    "3.5",
    "-",
    "even",
    "1 to 9",
    "red",
    "circle",
    "kaka",
    "reason",
    "```",
)
words = st.sampled_from((*PIECES, *MORE))
replies = st.one_of(st.text(max_size=60), st.lists(words, max_size=20).map("".join))


def test_names_are_those_that_designs_write() -> None:
    assert [world.name for world in WHOLE] == [
        "lights",
        "lights-letters",
        "numbers",
        "language",
    ]


@every_world
def test_every_hypothesis_is_read_from_its_own_text(world: World) -> None:
    texts = [world.rule_text(one) for one in world.hypotheses]
    assert [world.read_rule(text).hypothesis for text in texts] == [*world.hypotheses]


@every_world
def test_hypotheses_inputs_and_outputs_are_all_different(world: World) -> None:
    for names in (world.hypotheses, world.inputs, world.outputs):
        assert len(set(names)) == len(names) > 0


@every_world
def test_worlds_of_the_same_settings_are_equal(world: World) -> None:
    assert world == world_named(world.name)
    assert hash(world) == hash(world_named(world.name))


@every_little_world
@pytest.mark.parametrize("noise", [0.0, 0.05, 1.0])
def test_outputs_of_an_input_have_a_probability_of_one(world: World, noise: float) -> None:
    for hypothesis in world.hypotheses:
        for asked in world.inputs:
            logs = [
                world.log_likelihood(hypothesis, (Example(asked, output),), noise)
                for output in world.outputs
            ]
            assert math.isclose(math.fsum(map(math.exp, logs)), 1, abs_tol=1e-12)


@every_world
@given(seed=st.integers(0, 2**32), noise=st.sampled_from([0.0, 0.3]))
@settings(max_examples=15, deadline=None)
def test_data_that_are_drawn_can_come_from_their_hypothesis(
    world: World, seed: int, noise: float
) -> None:
    rng = Random(seed)
    truth = rng.choice(world.hypotheses)
    data = world.drawn(truth, 5, rng, noise=noise)
    assert len(data) == 5
    assert world.log_likelihood(truth, data, noise) > -math.inf
    assert world.read_data(world.data_text(data)).data == data
    if not noise:
        assert explained(world, truth, data) == 5


@every_little_world
def test_noise_is_as_large_as_it_is_said_to_be(world: World) -> None:
    truth = world.hypotheses[1]
    data = world.drawn(truth, 4000, Random(5), noise=0.25)
    assert abs(explained(world, truth, data) / 4000 - 0.75) < 0.03


@every_little_world
def test_likelihoods_of_examples_multiply(world: World) -> None:
    truth = world.hypotheses[0]
    data = world.drawn(truth, 6, Random(3), noise=0.5)
    apart = [world.log_likelihood(truth, (one,), 0.1) for one in data]
    assert math.isclose(world.log_likelihood(truth, data, 0.1), math.fsum(apart))
    assert world.log_likelihood(truth, (), 0.1) == 0


@every_little_world
def test_consistent_hypotheses_are_those_that_explain_everything(world: World) -> None:
    truth = world.hypotheses[2]
    data = world.drawn(truth, 3, Random(8))
    left = consistent(world, data)
    assert truth in left
    assert left == tuple(one for one in world.hypotheses if explained(world, one, data) == 3)
    assert consistent(world, ()) == world.hypotheses


@every_world
def test_what_is_of_no_world_is_told(world: World) -> None:
    truth = world.hypotheses[0]
    with pytest.raises(ValueError, match="not a hypothesis"):
        world.predict("no such rule", world.inputs[0])
    with pytest.raises(ValueError, match="not a hypothesis"):
        world.log_likelihood("no such rule", (), 0.0)
    with pytest.raises(ValueError, match="not a"):
        world.predict(truth, "no such input")
    with pytest.raises(ValueError, match="noise"):
        world.log_likelihood(truth, world.drawn(truth, 1, Random(0)), 1.5)
    nothing = (Example(world.inputs[0], "no such output"),)
    assert world.log_likelihood(truth, nothing, 0.5) == -math.inf
    assert contradictory(world, nothing)


@every_world
@given(text=replies)
@settings(max_examples=60, deadline=None)
def test_reading_never_raises_and_says_why_there_is_nothing(world: World, text: str) -> None:
    rule = world.read_rule(text)
    assert (rule.hypothesis is None) == bool(rule.reason)
    assert rule.hypothesis is None or rule.hypothesis in world.hypotheses
    read = world.read_data(text)
    assert all(read.left_out)
    assert 0 <= read.wrong <= len(read.left_out)
    for asked, output in read.data:
        assert asked in world.inputs
        assert output in world.outputs


@every_world
@pytest.mark.parametrize(
    "piece", ["{", '"', "'\"", "- ", "{'a", "1. ", "input:", "a:b\n", "-", "9 "]
)
def test_long_replies_are_read_in_proportion_to_their_length(world: World, piece: str) -> None:
    world.read_rule(piece * 2000)
    world.read_data(piece * 2000)


@every_world
def test_the_forms_and_rules_of_the_game_are_told(world: World) -> None:
    for text in (world.described(), world.rule_form(), world.data_form()):
        assert text.strip() == text != ""
    assert world.read_rule(world.rule_form()).hypothesis is None
    assert world.read_data(world.data_form()).data == ()


def test_an_unknown_world_is_told_with_those_that_there_are() -> None:
    with pytest.raises(NotFoundError) as told:
        world_named("lamps")
    assert told.value.remedy == "The worlds are: lights, lights-letters, numbers, language."


@pytest.mark.parametrize(
    ("name", "setting", "said"),
    [
        ("lights", {"size": 3}, "no setting `size`"),
        ("lights", {"name": "x"}, "no setting `name`"),
        ("lights", {"objects": "ABC"}, "cannot be 'ABC'"),
        ("lights", {"objects": ["A", 7]}, "cannot be"),
        ("lights", {"objects": ["A", ["B"]]}, "cannot be"),
        ("numbers", {"largest": "ten"}, "cannot be 'ten'"),
        ("numbers", {"largest": True}, "cannot be True"),
        ("lights", {"objects": ["A"]}, "2 to 7"),
        ("lights", {"objects": []}, "2 to 7"),
        ("lights", {"objects": ["A", "a"]}, "2 to 7"),
        ("lights", {"objects": ["A", "the"]}, "2 to 7"),
        ("lights-letters", {"objects": ["A", "B, C"]}, "2 to 7"),
        ("numbers", {"largest": 5}, "10 to 1000"),
        ("numbers", {"widths": [1]}, "2 to 99"),
        ("language", {"colours": ["red"]}, "two or more"),
        ("language", {"syllables": ["a", "aa"]}, "in two ways"),
        ("language", {"shapes": ["a", "b", "c", "d"]}, "20000"),
    ],
)
def test_settings_that_make_no_world_are_told(
    name: str, setting: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as told:
        world_named(name, **setting)
    assert told.value.remedy


def test_lists_of_settings_are_those_of_yaml() -> None:
    world = world_named("lights", objects=["A", "B"])
    assert world == world_named("lights", objects=("A", "B"))
    assert len(world.hypotheses) == 9
