"""Whether texts that follow one another have come to repeat themselves.

A text that is answered by itself is a quine: a cycle of period 1. Longer cycles come back to each
of their texts after `period` steps. Transcripts of every kind can be asked, live and afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import floor
from statistics import fmean
from typing import Literal, TypeAlias

from simulator.analysis.culture.trivial import Trivial, why_all_trivial

Check: TypeAlias = Literal["exact", "fuzzy", "embedding"]
"""How two texts are compared: letter by letter, by edit distance, or by a model of meaning."""

Similarity: TypeAlias = Callable[[str, str], float]
"""How alike two texts are, 1 for the same; such as the cosine of their embeddings."""


@dataclass(frozen=True, slots=True)
class CycleRule:
    """What counts as a cycle.

    Raises:
        ValueError: A number is out of its range; the message says which.
    """

    check: Check = "exact"
    """`exact`: the same characters. `fuzzy`: the normalised Levenshtein similarity, 1 - distance /
    length of the longer text, is at least `threshold`. `embedding`: so is a similarity that the
    caller brings."""
    threshold: float = 0.99
    """Over 0, at most 1. Not used by `exact`."""
    min_repetitions: int = 3
    """How often each text of the cycle must have been said; at least 2."""
    max_period: int = 5
    """Longest cycle that is looked for, in texts; at least 1."""
    classic: bool = False
    """The test of the original (Self-Replicating Prompts, ALIFE 2024): only every d-th text back
    from the newest is compared, d from 1 to `max_period`, so that A x A y A counts; and `fuzzy` is
    an Indel similarity in whole percent that must be over `threshold`, which is 100 where that is
    0.99: equality for texts up to about 200 characters, an edit more for each 200 (half as many
    where letters are replaced)."""

    def __post_init__(self) -> None:
        if self.check not in ("exact", "fuzzy", "embedding"):
            raise ValueError(f"check is {self.check!r}; it must be exact, fuzzy or embedding")
        if not 0 < self.threshold <= 1:
            raise ValueError(f"threshold is {self.threshold}; it must be over 0 and at most 1")
        if self.min_repetitions < 2:
            raise ValueError(f"min_repetitions is {self.min_repetitions}; it must be at least 2")
        if self.max_period < 1:
            raise ValueError(f"max_period is {self.max_period}; it must be at least 1")


@dataclass(frozen=True, slots=True)
class Cycle:
    """Texts that repeat themselves."""

    period: int
    """Texts from one repetition to the next; 1 for a quine."""
    onset: int
    """Place of its first text, from 0."""
    end: int
    """Place after its last text."""
    texts: tuple[str, ...]
    """The latest repetition, in order; its newest text alone under the original's test."""
    repetitions: int
    """How often it was said in full; under the original's test, how often its newest text was."""
    trivial: Trivial | None = None
    """Why its texts say nothing; None where one of them may."""
    drifting: bool = False
    """Whether its first text is no longer like the newest in its place: each repetition was like
    the one before, but they change a little each time. Never where the check is exact."""


def find_cycle(
    texts: Sequence[str], rule: CycleRule, similarity: Similarity | None = None
) -> Cycle | None:
    """The cycle that the last texts are in; None where they are in none.

    With period p and m least repetitions, each of the last m·p texts but the first p must be like
    the one p before it. The shortest period is taken, unless a longer one reaches further back: in
    AAAB AAAB AAAB AAA it is 4 and not 1.

    Args:
        texts: As they followed one another. Their place in this sequence is what `onset` counts.
        rule: What counts as a cycle.
        similarity: Compares two texts where the check is `embedding`.

    Raises:
        ValueError: The check is `embedding`, and no similarity was brought.
    """
    alike = comparison(rule, similarity)
    if rule.classic:
        return _classic_cycle(texts, rule, alike)
    runs = (_last_run(texts, period, alike) for period in range(1, rule.max_period + 1))
    long = [run for run in runs if run.length >= rule.min_repetitions * run.period]
    return _cycle(texts, _explaining(long, rule)[0], alike) if long else None


def first_cycle(
    texts: Sequence[str], rule: CycleRule, similarity: Similarity | None = None
) -> Cycle | None:
    """The first cycle as it was when it could first be told; None where there was none.

    It is what `find_cycle` says of the first texts alone, as few of them as it can say it of: its
    `end` is how many texts a run that stops on cycles would have.
    """
    alike = comparison(rule, similarity)
    if rule.classic:
        for count in range(rule.min_repetitions, len(texts) + 1):
            if found := _classic_cycle(texts[:count], rule, alike):
                return found
        return None
    matches = dict.fromkeys(range(1, rule.max_period + 1), 0)
    for place in range(1, len(texts)):
        for period in range(1, min(rule.max_period, place) + 1):
            same = alike(texts[place - period], texts[place])
            matches[period] = matches[period] + 1 if same else 0
        if any(n >= (rule.min_repetitions - 1) * period for period, n in matches.items()):
            return find_cycle(texts[: place + 1], rule, similarity)
    return None


def find_cycles(
    texts: Sequence[str], rule: CycleRule, similarity: Similarity | None = None
) -> tuple[Cycle, ...]:
    """All cycles of a transcript, those that were left again too, by onset.

    Each is as long as it can be (a maximal repetition: Kolpakov & Kucherov 1999, FOCS) and within
    no other; two may overlap where one goes over into the other.

    Raises:
        ValueError: The rule is `classic`, which does not say where a cycle ends; or the check is
            `embedding`, and no similarity was brought.
    """
    if rule.classic:
        raise ValueError("the original's test knows no end of a cycle; ask first_cycle")
    alike = comparison(rule, similarity)
    runs = [
        run
        for period in range(1, rule.max_period + 1)
        for run in _runs(texts, period, alike)
        if run.length >= rule.min_repetitions * period
    ]
    found = sorted(_explaining(runs, rule), key=lambda run: (run.onset, run.end))
    return tuple(_cycle(texts, run, alike) for run in found)


def comparison(rule: CycleRule, similarity: Similarity | None = None) -> Callable[[str, str], bool]:
    """Whether two texts count as the same under a rule.

    Raises:
        ValueError: The check is `embedding`, and no similarity was brought.
    """
    if rule.check == "exact":
        return str.__eq__
    if rule.check == "embedding":
        if similarity is None:
            raise ValueError("the check is embedding, but no similarity of texts was brought")
        # A vector of nothing has no cosine: not a number is at least nothing, and no match.
        return lambda left, right: left == right or similarity(left, right) >= rule.threshold
    return _classic_fuzzy(rule.threshold) if rule.classic else _fuzzy(rule.threshold)


def _fuzzy(threshold: float) -> Callable[[str, str], bool]:
    from rapidfuzz.distance import Levenshtein

    def alike(left: str, right: str) -> bool:
        # Whole edits, so that 1 of 100 is 0.99 however numbers are rounded.
        most = floor((1 - threshold) * max(len(left), len(right)) + 1e-9)
        return Levenshtein.distance(left, right, score_cutoff=most) <= most

    return alike


def _classic_fuzzy(threshold: float) -> Callable[[str, str], bool]:
    from rapidfuzz.distance import Indel

    # A whole percent over the threshold is reached from half a percent below it.
    cutoff = max(0.0, threshold - 0.005)

    def alike(left: str, right: str) -> bool:
        likeness = Indel.normalized_similarity(left, right, score_cutoff=cutoff)
        return round(100 * likeness) > 100 * threshold

    return alike


@dataclass(frozen=True, slots=True)
class _Run:
    """Places from `onset` to `end` of which each is like the one `period` later."""

    period: int
    onset: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.onset


def _last_run(texts: Sequence[str], period: int, alike: Callable[[str, str], bool]) -> _Run:
    place = len(texts) - period
    while place > 0 and alike(texts[place - 1], texts[place - 1 + period]):
        place -= 1
    return _Run(period, max(place, 0), len(texts))


def _runs(texts: Sequence[str], period: int, alike: Callable[[str, str], bool]) -> list[_Run]:
    found, onset = [], 0
    for place in range(max(len(texts) - period, 0)):
        if not alike(texts[place], texts[place + period]):
            found.append(_Run(period, onset, place + period))
            onset = place + 1
    return [*found, _Run(period, onset, len(texts))]


def _explaining(runs: Sequence[_Run], rule: CycleRule) -> list[_Run]:
    """Runs without those that another explains; `runs` by period, the shortest first.

    Where p- and q-cycles share p + q places or more, they are one cycle of the shorter period (Fine
    & Wilf 1965, Proc. AMS 16:109). Where texts are only nearly the same, a longer period must
    explain a whole repetition more, as one text more may be chance.
    """
    kept: list[_Run] = []
    for run in runs:
        shared = {one: min(run.end, one.end) - max(run.onset, one.onset) for one in kept}
        within = [one for one in kept if run.onset <= one.onset and one.end <= run.end]
        gained = all(
            run.length - one.length >= (1 if rule.check == "exact" else run.period)
            for one in within
        )
        beside = all(
            places < min(run.length, run.period + one.period)
            for one, places in shared.items()
            if one not in within
        )
        if gained and beside:
            kept = [one for one in kept if one not in within] + [run]
    return kept


def _cycle(texts: Sequence[str], run: _Run, alike: Callable[[str, str], bool]) -> Cycle:
    latest = tuple(texts[run.end - run.period : run.end])
    newest = run.end - 1 - (run.end - 1 - run.onset) % run.period
    return Cycle(
        period=run.period,
        onset=run.onset,
        end=run.end,
        texts=latest,
        repetitions=run.length // run.period,
        trivial=why_all_trivial(latest),
        drifting=not alike(texts[run.onset], texts[newest]),
    )


def _classic_cycle(
    texts: Sequence[str], rule: CycleRule, alike: Callable[[str, str], bool]
) -> Cycle | None:
    newest = len(texts) - 1
    for period in range(1, rule.max_period + 1):
        place = newest
        while place >= period and alike(texts[place], texts[place - period]):
            place -= period
        said = (newest - place) // period + 1
        if newest >= 0 and said >= rule.min_repetitions:
            return Cycle(
                period=period,
                onset=place,
                end=len(texts),
                texts=(texts[newest],),
                repetitions=said,
                trivial=why_all_trivial(texts[newest:]),
                drifting=not alike(texts[place], texts[newest]),
            )
    return None


@dataclass(frozen=True, slots=True)
class Periodicity:
    """How much texts come back to the one before the previous one."""

    lag_1: float
    """Mean similarity of a text to the one before it, from 0 to 1."""
    lag_2: float
    """Mean similarity of a text to the one before that, from 0 to 1."""
    share: float
    """Of the steps, those where the second is over the first; near 1 the texts swing between two
    forms, near 0.5 they do not."""
    steps: int
    """How many texts were compared, at least 1."""


def periodicity(
    texts: Sequence[str], last: int = 10, similarity: Similarity | None = None
) -> Periodicity | None:
    """Whether texts swing between two forms, without ever being the same.

    Args:
        texts: As they followed one another.
        last: How many of the last texts are compared with those before them; at least 1.
        similarity: From 0 to 1; the normalised Levenshtein similarity unless another is brought.

    Returns:
        None where no text has two before it.

    Raises:
        ValueError: `last` is less than 1.
    """
    return pooled_periodicity([texts], last, similarity)


def pooled_periodicity(
    chains: Iterable[Sequence[str]], last: int = 10, similarity: Similarity | None = None
) -> Periodicity | None:
    """`periodicity` of the steps of several chains together, each step counted once."""
    if last < 1:
        raise ValueError(f"last is {last}; it must be at least 1")
    measure = similarity or _edit_similarity()
    pairs = [
        (measure(texts[place], texts[place - 1]), measure(texts[place], texts[place - 2]))
        for texts in chains
        for place in range(max(2, len(texts) - last), len(texts))
    ]
    if not pairs:
        return None
    return Periodicity(
        lag_1=fmean(near for near, _ in pairs),
        lag_2=fmean(far for _, far in pairs),
        share=fmean(far > near for near, far in pairs),
        steps=len(pairs),
    )


def _edit_similarity() -> Similarity:
    from rapidfuzz.distance import Levenshtein

    return lambda left, right: Levenshtein.normalized_similarity(left, right)
