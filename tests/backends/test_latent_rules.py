"""The rules of soft tokens: weights, partial mixing, stops, and other vocabularies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.latent_rules import (
    NearestText,
    Reception,
    entropy_of,
    merged,
    mixture,
    nearest_of,
    overlap,
    rows_of,
    softmax,
    unit_rows,
    vectors_of,
)
from simulator.domain.latent import LatentMessage, LatentSampling, Vectors
from simulator.domain.prompts import ChatMessage, Prompt

logits = st.lists(st.floats(-50, 50), min_size=2, max_size=30).map(np.array)
temperatures = st.floats(0.0, exclude_min=True, allow_infinity=False)
samplings = st.builds(
    LatentSampling,
    temperature=temperatures,
    top_p=st.floats(0.0, 1.0, exclude_min=True),
    top_k=st.none() | st.integers(1, 40),
    greedy=st.sampled_from(["never", "confident", "unsure"]),
    criterion=st.sampled_from(["max_probability", "entropy"]),
    threshold=st.floats(0.0, 4.0),
)


# ---------------------------------------------------------------- mixtures


@given(logits, samplings, st.data())
def test_weights_sum_to_one_whatever_the_step(
    raw: Any, sampling: LatentSampling, data: st.DataObject
) -> None:
    banned = data.draw(st.sets(st.integers(0, len(raw) - 1), max_size=len(raw) - 1))
    raw[list(banned)] = -np.inf
    mix = mixture(raw, sampling)
    assert mix.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert mix.probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    assert mix.weights.min() >= 0.0
    assert not mix.weights[list(banned)].any()
    assert 0.0 <= mix.entropy <= math.log(len(raw)) + 1e-9
    assert mix.best == int(np.argmax(raw))
    assert mix.is_mixed or mix.weights[mix.best] == 1.0


@given(logits, st.sampled_from(["max_probability", "entropy"]), st.floats(0.0, 4.0), temperatures)
def test_partial_mixing_looks_at_the_uncertainty_at_temperature_one(
    raw: Any, criterion: Any, threshold: float, temperature: float
) -> None:
    plain = np.exp(raw - raw.max())
    plain /= plain.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nansum(plain * np.log(plain))
    unsure_by = 1 - plain.max() if criterion == "max_probability" else entropy
    mixes = {
        greedy: mixture(
            raw,
            LatentSampling(
                temperature=temperature, greedy=greedy, criterion=criterion, threshold=threshold
            ),
        ).is_mixed
        for greedy in ("never", "confident", "unsure")
    }
    assert mixes["never"]
    assert mixes["confident"] is not mixes["unsure"]
    if abs(unsure_by - threshold) > 1e-9:
        assert mixes["confident"] == (unsure_by > threshold)


def test_extreme_temperatures_mix_one_token_or_all_alike() -> None:
    raw = np.array([1.0, 3.0, 2.0, -np.inf])
    cold = mixture(raw, LatentSampling(temperature=5e-324))
    warm = mixture(raw, LatentSampling(temperature=1e308))
    assert cold.weights.tolist() == [0.0, 1.0, 0.0, 0.0]
    assert warm.weights == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0.0])


@given(
    logits,
    st.integers(1, 40),
    st.floats(0.0, 0.999999, exclude_min=True) | st.just(1.0),  # between, rounding decides
)
def test_pruning_keeps_the_fewest_most_probable_tokens(raw: Any, top_k: int, top_p: float) -> None:
    whole = softmax(raw, 0.7)
    order = sorted(range(len(raw)), key=lambda n: (-whole[n], n))[:top_k]
    among = whole[order].sum()
    kept: list[int] = []
    for token in order:
        if kept and sum(whole[kept]) >= top_p * among * (1 + 1e-12):
            break
        kept.append(token)
    mix = mixture(raw, LatentSampling(temperature=0.7, top_k=top_k, top_p=top_p))
    found = [n for n in order if mix.probabilities[n] > 0.0]
    # At a border within rounding, one token more or less is right too.
    expected = order if top_p == 1.0 else kept
    assert abs(len(found) - sum(whole[n] > 0 for n in expected)) <= 1
    assert found == [n for n in order if whole[n] > 0][: len(found)]
    ratios = mix.probabilities[found] / whole[found]
    assert ratios == pytest.approx(np.full(len(found), ratios[0]))


def test_entropies_are_in_nats() -> None:
    assert entropy_of(np.array([0.5, 0.5, 0.0])) == pytest.approx(math.log(2))
    assert entropy_of(np.array([1.0, 0.0])) == 0.0


def test_the_most_probable_tokens_are_told_with_their_share_of_the_mixture() -> None:
    mix = mixture(np.log([0.2, 0.5, 0.3]), LatentSampling(temperature=1.0, top_k=2))
    assert mix.top(5) == [(1, 0.625), (2, 0.375)]
    assert mix.top(1) == [(1, 0.625)]
    assert mix.top(0) == []


# ---------------------------------------------------------------- nearest text


def told(text: NearestText, tokens: list[bytes], end: int | None = None) -> tuple[str, int]:
    """All pieces together, and how many vectors are kept."""
    pieces = []
    for place, token in enumerate(tokens):
        pieces.append(text.push(token, is_end=place == end))
        if text.stopped:
            break
    pieces.append(text.finish())
    return "".join(pieces), text.kept


def cut_by_hand(tokens: list[bytes], stops: list[str], end: int | None) -> int:
    """How many whole tokens stand before the first end token or stop text."""
    for count in range(1, len(tokens) + 1):
        if end == count - 1:
            return end
        whole = b"".join(tokens[:count])
        places = [at for stop in stops if (at := whole.find(stop.encode())) >= 0]
        if places:
            ends = np.cumsum([len(token) for token in tokens])
            return int((ends <= min(places)).sum())
    return len(tokens)


tokens_and_stops = st.tuples(
    st.lists(st.sampled_from([b"a", b"ab", b"b`", b"``", b"`", "é".encode(), b"\xc3", b"\xa9"])),
    st.lists(st.sampled_from(["```", "b", "ab`", "é", "a`a"]), max_size=3),
)


@given(tokens_and_stops, st.none() | st.integers(0, 12))
def test_pieces_are_the_text_of_the_tokens_before_the_first_stop(
    drawn: tuple[list[bytes], list[str]], end: int | None
) -> None:
    tokens, stops = drawn
    end = end if end is None or end < len(tokens) else None
    kept = cut_by_hand(tokens, stops, end)
    text = NearestText(stops)
    whole, found = told(text, tokens, end)
    assert found == kept
    assert text.stop_reason == ("length" if kept == len(tokens) and not text.stopped else "stop")
    data = b"".join(tokens[:kept])
    assert whole == told(NearestText(), [data])[0]
    assert data.decode("utf-8", "replace").startswith(whole)


@given(tokens_and_stops, st.none() | st.integers(0, 12), st.booleans())
def test_the_classic_rule_cuts_as_the_other_one_if_there_is_an_answer(
    drawn: tuple[list[bytes], list[str]], end: int | None, has_answer: bool
) -> None:
    tokens, stops = drawn
    tokens = [*tokens, b"Ans", b"wer"] if has_answer else tokens
    end = end if end is None or end < len(tokens) else None
    text = NearestText(stops, classic=True)
    whole, kept = told(text, tokens, end)
    assert not text.stopped
    if has_answer:
        assert (whole, kept) == told(NearestText(stops), tokens, end)
    else:
        assert (whole, kept) == told(NearestText(), tokens)
        assert text.stop_reason == "length"


def test_classic_text_after_a_stop_is_held_back_until_it_is_certain() -> None:
    text = NearestText(["```"], classic=True)
    assert [text.push(token) for token in (b"7", b"```", b" more")] == ["7", "", ""]
    assert text.finish() == "``` more"


def test_half_a_character_waits_for_the_other() -> None:
    text = NearestText()
    assert [text.push(b"\xc3"), text.push(b"\xa9"), text.push(b"\xc3")] == ["", "é", ""]
    assert text.finish() == ""


# ---------------------------------------------------------------- other models


@dataclass
class Table:
    tokens: tuple[bytes, ...]
    numbers: Any
    model: str = "hf/other"

    def rows(self) -> Any:
        return self.numbers


ROWS = np.array([[1, 0], [0, 1], [2, 2], [5, 7]], np.float32)
OWN = (b"", b"a", b"b", b"c")


def numbers(vectors: Vectors) -> list[list[float]]:
    found: list[list[float]] = rows_of(vectors, vectors.width).tolist()
    return found


def test_a_model_of_the_same_vocabulary_reads_the_same_mixture_of_its_own_rows() -> None:
    reception = Reception(OWN, Table(OWN, ROWS))
    reception.add(np.array([0.5, 0.25, 0.25, 0.0]))
    reception.add(np.array([0.0, 0.0, 0.0, 1.0]))
    vectors, missing = reception.message(2)
    assert numbers(vectors) == [[1.0, 0.75], [5.0, 7.0]]
    assert missing == 0
    assert numbers(reception.message(1)[0]) == [[1.0, 0.75]]


def test_a_model_of_another_vocabulary_reads_what_both_have() -> None:
    reception = Reception(OWN, Table((b"c", b"x", b"", b"a"), ROWS))
    reception.add(np.array([0.2, 0.3, 0.4, 0.1]))
    reception.add(np.array([0.5, 0.0, 0.5, 0.0]))
    reception.add(np.array([0.0, 0.0, 0.0, 1.0]))
    vectors, missing = reception.message(3)
    assert missing == 1
    assert numbers(vectors)[0] == pytest.approx([(3 * 5 + 1) / 4, 3 * 7 / 4])
    assert numbers(vectors)[1] == [1.0, 0.0]
    assert numbers(Reception(OWN, Table((b"z",), ROWS[:1])).message(0)[0]) == []


def test_vectors_for_readers_have_unit_length_too() -> None:
    reception = Reception(OWN, Table((b"b", b"c"), ROWS[2:]), unit_length=True)
    reception.add(np.array([0.0, 0.0, 1.0, 0.0]))
    assert numbers(reception.message(1)[0])[0] == pytest.approx([0.5**0.5, 0.5**0.5])


vocabularies = st.lists(st.binary(max_size=2), max_size=12).map(tuple)


@given(vocabularies, vocabularies)
def test_shared_tokens_stand_for_the_same_bytes(
    own: tuple[bytes, ...], other: tuple[bytes, ...]
) -> None:
    shared = overlap(own, other)
    pairs = list(zip(shared.own.tolist(), shared.others.tolist(), strict=True))
    assert all(own[mine] == other[theirs] != b"" for mine, theirs in pairs)
    assert {mine for mine, _ in pairs} == {n for n, t in enumerate(own) if t and t in other}
    assert all(other[theirs] not in other[theirs + 1 :] for _, theirs in pairs)


def test_the_nearest_text_is_the_one_of_least_angle() -> None:
    units = unit_rows(np.array([[10, 0], [0, 0.1], [0, 0], [-1, 0]], np.float32))
    assert nearest_of(("A", "B"), (0, 1), units, np.array([1.0, 1.5])) == "B"
    assert nearest_of(("A", "B"), (0, 1), units, np.array([1.5, 1.0])) == "A"
    assert nearest_of(("A", "B"), (0, 1), units, None) is None
    assert nearest_of((), (), units, np.array([1.0, 1.0])) is None


def test_vectors_of_another_width_are_refused() -> None:
    vectors = vectors_of([np.zeros(3, np.float32)], 3)
    assert len(vectors) == 1
    with pytest.raises(ValueError, match="vectors of 3 numbers for a model of 4"):
        rows_of(vectors, 4)


# ---------------------------------------------------------------- prompts

entries = st.lists(
    st.builds(ChatMessage, st.sampled_from(["system", "user", "assistant"]), st.text(" ab\n")),
    max_size=6,
)


@given(entries, st.data())
def test_a_prompt_in_words_is_the_one_that_text_models_are_shown(
    messages: list[ChatMessage], data: st.DataObject
) -> None:
    parts = []
    for one in messages:
        at = data.draw(st.integers(0, len(one.content)))
        parts.append(LatentMessage(one.role, (one.content[:at], one.content[at:])))
    expected = [(one.role, one.content.strip()) for one in Prompt.of(*messages).merged()]
    assert [(one.role, "".join(map(str, one.parts))) for one in merged(parts)] == expected


def test_blanks_beside_vectors_stay() -> None:
    vectors = Vectors(b"", 2)
    (message,) = merged(
        [LatentMessage("user", (" a ", vectors, "")), LatentMessage("user", (" b ",))]
    )
    assert message.parts == ("a ", vectors, "\n b")
