"""Attractors compared between temperatures, and between base and instructed models."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.analysis.culture.comparisons import pair_effects, pairs_of, temperature_effects
from simulator.analysis.culture.records import Floats, MeasuredChains
from tests.analysis.culture.measured import joined, measured_of

TEXTS = 10
START = np.tile(np.linspace(-1, 1, TEXTS), 4)


def _values(slope: float, position: float, noise: float = 0.0, seed: int = 0) -> Floats:
    """Four chains of each text, three generations; the last one by a line."""
    rng = np.random.default_rng(seed)
    last = slope * (START - position) + position + rng.normal(0, noise, START.size)
    return np.column_stack([START, rng.random((START.size, 2)), last])


def _heated(noise: float) -> MeasuredChains:
    return joined(
        *(
            measured_of(
                _values(0.7 - 0.3 * heat, 2 + 5 * heat, noise, seed),
                texts=TEXTS,
                temperature=heat,
            )
            for seed, heat in enumerate((1.6, 0.0, 0.8))
        )
    )


def test_a_trend_without_noise_is_found_to_the_digit() -> None:
    (found,) = temperature_effects(_heated(0.0), resamples=200)
    assert found.temperatures == (0.0, 0.8, 1.6)
    assert [one.temperature for one in found.attractors] == [0.0, 0.8, 1.6]
    assert found.strength_trend is not None
    assert found.position_trend is not None
    assert found.strength_trend.value == pytest.approx(0.3)
    assert found.position_trend.value == pytest.approx(5)
    assert found.position_trend.interval is not None
    assert found.position_trend.interval.low == pytest.approx(5, abs=1e-6)
    assert (found.texts, found.dropped, found.left_out, found.reason) == (TEXTS, 0, 0, "")


def test_a_trend_stands_out_only_where_noise_lets_it() -> None:
    (clear,) = temperature_effects(_heated(0.1), resamples=400)
    assert clear.strength_trend is not None
    assert clear.strength_trend.stands_out
    assert clear.strength_trend.interval is not None
    assert clear.strength_trend.interval.low < 0.3 < clear.strength_trend.interval.high
    same = joined(
        *(
            measured_of(_values(0.3, 1, 0.5, seed), texts=TEXTS, temperature=heat)
            for seed, heat in enumerate((0.0, 1.0))
        )
    )
    (none,) = temperature_effects(same, resamples=400)
    assert none.strength_trend is not None
    assert not none.strength_trend.stands_out


def test_names_as_the_originals_give_them_say_temperatures() -> None:
    chains = joined(
        measured_of(_values(0.5, 1), texts=TEXTS, model="m_Temp0"),
        measured_of(_values(0.2, 1), texts=TEXTS, model="m_Temp1.2"),
    )
    (found,) = temperature_effects(chains, resamples=50)
    assert (found.model, found.temperatures) == ("m", (0.0, 1.2))
    assert found.strength_trend is not None
    assert found.strength_trend.value == pytest.approx(0.3 / 1.2)


def test_unknown_temperatures_and_single_ones_are_told() -> None:
    chains = joined(
        measured_of(_values(0.5, 1), texts=TEXTS, temperature=0.5),
        measured_of(_values(0.5, 1), texts=TEXTS),
    )
    (found,) = temperature_effects(chains, resamples=50)
    assert (found.left_out, found.temperatures) == (40, (0.5,))
    assert "fewer than two temperatures" in found.reason
    assert (found.strength_trend, found.position_trend) == (None, None)
    assert found.attractors[0].position == pytest.approx(1)
    (unknown,) = temperature_effects(measured_of(_values(0.5, 1)), resamples=50)
    assert (unknown.left_out, unknown.attractors) == (40, ())


def test_no_attractor_at_one_temperature_is_no_trend() -> None:
    chains = joined(
        measured_of(_values(1.5, 1), texts=TEXTS, temperature=0.0),
        measured_of(_values(0.5, 1), texts=TEXTS, temperature=1.0),
    )
    (found,) = temperature_effects(chains, resamples=50)
    assert "no attractor" in found.reason
    assert [one.exists for one in found.attractors] == [False, True]


def _pair(noise: float) -> MeasuredChains:
    return joined(
        measured_of(_values(0.8, 1, noise, 1), texts=TEXTS, model="llama-Base"),
        measured_of(_values(0.3, 4, noise, 2), texts=TEXTS, model="llama-Instruct"),
    )


def test_what_instruction_does_is_found_to_the_digit() -> None:
    (found,) = pair_effects(_pair(0.0), resamples=100)
    assert (found.base, found.instruct) == ("llama-Base", "llama-Instruct")
    assert found.strength is not None
    assert found.position is not None
    assert found.strength.value == pytest.approx(0.5)
    assert found.position.value == pytest.approx(3)
    assert found.strength.stands_out
    assert found.before.position == pytest.approx(1)
    assert found.after.position == pytest.approx(4)
    back = pair_effects(_pair(0.1), {"llama-Instruct": "llama-Base"}, resamples=100)[0]
    there = pair_effects(_pair(0.1), resamples=100)[0]
    assert back.strength is not None
    assert there.strength is not None
    assert back.strength.value == pytest.approx(-there.strength.value)


def test_noise_that_texts_share_cancels_in_pairs() -> None:
    """The same resamples on both sides: equal models differ by nothing at all."""
    chains = joined(
        measured_of(_values(0.5, 1, 0.5), texts=TEXTS, model="a-base"),
        measured_of(_values(0.5, 1, 0.5), texts=TEXTS, model="a-chat"),
    )
    (found,) = pair_effects(chains, resamples=200)
    assert found.strength is not None
    assert found.strength.interval is not None
    assert found.strength.interval.low == pytest.approx(0, abs=1e-12)
    assert found.strength.interval.high == pytest.approx(0, abs=1e-12)
    assert not found.strength.stands_out


def test_pairs_by_name() -> None:
    assert pairs_of(["M-Base", "M-Instruct", "N-it", "N", "O-chat", "P"]) == {
        "M-Base": "M-Instruct",
        "N": "N-it",
    }
    assert pairs_of([]) == {}


def test_one_model_or_too_few_shared_texts_say_why() -> None:
    (alone,) = pair_effects(
        measured_of(_values(0.5, 1), texts=TEXTS, model="m"), {"m": "gone"}, resamples=50
    )
    assert alone.reason
    assert (alone.strength, alone.position) == (None, None)
    assert alone.after.chains == 0
    few = joined(
        measured_of(_values(0.5, 1), texts=2, model="m"),
        measured_of(_values(0.5, 1), texts=2, model="n"),
    )
    (found,) = pair_effects(few, {"m": "n"}, resamples=50)
    assert found.reason == "2 initial texts are shared; a comparison needs 3"


def test_chains_that_stopped_are_counted_as_dropped() -> None:
    chains = _pair(0.1)
    values = chains.values["positivity"].copy()
    values[0, 3] = np.nan
    values[50, 0] = np.nan
    stopped = MeasuredChains(chains.chains, {"positivity": values})
    (found,) = pair_effects(stopped, resamples=50)
    assert (found.dropped, found.before.dropped, found.after.dropped) == (2, 1, 1)
    assert found.reason == ""


def test_a_generation_that_is_not_there_says_why() -> None:
    (found,) = pair_effects(_pair(0.1), generation=9, resamples=50)
    assert found.reason
    assert found.dropped == 80


def test_the_highest_temperature_less_the_lowest_is_the_trend_times_the_way() -> None:
    (found,) = temperature_effects(_heated(0.0), resamples=50)
    way = found.temperatures[-1] - found.temperatures[0]
    for half in ("strength", "position"):
        trend, difference = (getattr(found, f"{half}_{what}") for what in ("trend", "difference"))
        assert difference.value == pytest.approx(way * trend.value)
        assert difference.stands_out


def test_pairs_are_compared_at_the_temperatures_that_both_have() -> None:
    def side(model: str, temperature: float, slope: float) -> MeasuredChains:
        return measured_of(
            _values(slope, 1), texts=TEXTS, model=model, temperature=temperature
        )  # fmt: skip

    chains = joined(
        side("a-base", 0.0, 0.9), side("a-base", 1.0, 0.8), side("a-chat", 1.0, 0.5),
        side("a-chat", 2.0, 0.1),
    )  # fmt: skip
    (found,) = pair_effects(chains, resamples=0)
    assert found.temperature == 1.0
    assert found.strength is not None
    assert found.strength.value == pytest.approx(0.3)
    apart = joined(side("a-base", 0.0, 0.9), side("a-chat", 2.0, 0.1))
    (found,) = pair_effects(apart, resamples=0)
    assert (found.temperature, found.before.temperature, found.after.temperature) == (None, 0, 2)
    none = joined(apart, side("a-base", 1.0, 0.9))
    assert pair_effects(none, resamples=0) == ()
