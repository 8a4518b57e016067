"""What lineages of learners came to, as tables of words and numbers for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from simulator.analysis.iterated.conditions import ALL, GenerationMean, StatusShare
from simulator.analysis.iterated.intervals import Mean
from simulator.analysis.iterated.measured import ALL_MEASURES
from simulator.analysis.iterated.overview import LineageCounts, TopHypothesis
from simulator.analysis.iterated.parts import parts_text
from simulator.analysis.iterated.worlds.base import Data
from simulator.presentation.chain_cells import (
    brief_text,
    share_text,
    with_interval,
)
from simulator.presentation.debates import NONE, Table
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from simulator.analysis.iterated.bayes.curves import Curve
    from simulator.analysis.iterated.bayes.theory import Claim
    from simulator.iterations import Twin

MOST_ROWS = 20
"""Generations that a table tells of; of more, some between the first and the last."""
_HEADINGS: Mapping[str, str] = {
    "entropy": "ENTROPY", "bias_probability": "P(BIAS)", "biased": "BIASED", "correct": "CORRECT",
    "exact": "EXACT", "consistency": "CONSIST.", "validity": "VALID", "distinct": "DISTINCT",
    "compositionality": "COMPOS.", "expressiveness": "EXPRESS.",
    "easy_ratio": "EASY", "cumulative_ratio": "EASY SO FAR", "mean_rank": "RANK",
    "mean_length": "LETTERS", "correct_share": "SPELT", "repeated_share": "REPEATED",
}  # fmt: skip
"""Measures that have a column in the table of generations."""
_COUNTED = ("unreadable", "wrong", "asked_again")
"""Measures that the overview tells of."""


def overview_table(counts: Sequence[LineageCounts]) -> Table:
    """What lineages there are, and what is missing of them."""
    note = (
        "No rule: learners whose reply held none. Wrong: examples that break the game's rules. "
        "Again: replies that were asked for again. P(h): learners of whom it was taken."
    )
    if any(one.incomplete for one in counts):
        note += " Incomplete lineages (INC.) count as far as they go."
    return Table(
        "Lineages",
        ("CONDITION", "RUNS", "GEN.", "INC.", "LEARNERS", "NO RULE", "WRONG", "AGAIN", "P(H)"),
        tuple(
            (
                one_line(one.condition), f"{one.runs:,}", f"{one.generations:,}",
                f"{one.incomplete:,}", f"{one.learners:,}", f"{one.without_rule:,}",
                f"{one.wrong:,}", f"{one.asked_again:,}", f"{one.measured:,}",
            )
            for one in counts
        ),
        note=note,
    )  # fmt: skip


def measure_tables(
    means: Sequence[GenerationMean], level: float, wishes: Mapping[str, str]
) -> Iterator[Table]:
    """Means by generation, a table for each condition; then the last generation with intervals.

    Args:
        means: Of all conditions.
        level: Of the intervals, between 0 and 1.
        wishes: What biases want, as `wishes_of` has it.
    """
    told_of = [one for one in means if one.measure not in _COUNTED]
    conditions = list(dict.fromkeys(one.condition for one in told_of))
    if not conditions:
        return
    told = {*wishes.values()}
    for place, condition in enumerate(conditions, 1):
        own = [one for one in means if one.condition == condition]
        is_last = place == len(conditions)
        wish = wishes.get(condition, "") if len(told) > 1 else "".join(told if is_last else ())
        yield _by_generation(condition, own, wish, is_last=is_last)
    yield _last(means, level)


def _by_generation(
    condition: str, means: Sequence[GenerationMean], wish: str, *, is_last: bool
) -> Table:
    names = [name for name in _HEADINGS if any(one.measure == name for one in means)]
    found = {(one.measure, one.generation): one.mean for one in means}
    generations = sorted({one.generation for one in means})
    note = ""
    if is_last:
        note = "Means over runs."
        if any(one.measure in ("entropy", "consistency") for one in means):
            note += " Entropy of P(h) in nats; consistency with the first examples."
    if wish:
        note = f"{note} Biased: {one_line(wish)}.".strip()
    shown = _spread(generations)
    if len(shown) < len(generations):
        note = f"{len(shown)} of {len(generations):,} generations. {note}".strip()
    return Table(
        f"Generations{_titled(condition)}",
        ("GEN.", *(_HEADINGS[name] for name in names)),
        tuple(
            (
                str(number), *(_value(found.get((name, number))) for name in names)
            )
            for number in shown
        ),
        words=0,
        note=note,
    )  # fmt: skip


def _last(means: Sequence[GenerationMean], level: float) -> Table:
    rows: list[tuple[str, ...]] = []
    for condition in dict.fromkeys(one.condition for one in means):
        own = [one for one in means if one.condition == condition]
        for name in ALL_MEASURES:
            of_measure = [one for one in own if one.measure == name]
            if of_measure and name not in _COUNTED:
                one = of_measure[-1]
                rows.append(
                    (
                        one_line(condition), name.replace("_", " "), str(one.generation),
                        with_interval(one.mean.value, one.mean.interval), f"{one.mean.runs:,}",
                    )
                )  # fmt: skip
    headings: tuple[str, ...] = ("CONDITION", "MEASURE", "GEN.", "MEAN", "RUNS")
    words = 2
    if len({row[0] for row in rows}) == 1 and rows[0][0] == ALL:
        rows, headings, words = [row[1:] for row in rows], headings[1:], 1
    return Table(
        "The last generation", headings, tuple(rows), words=words,
        note=f"In brackets: the {100 * level:g} % interval over runs; of shares of runs that of "
        f"Wilson, else Student's.{_repeated([one.mean for one in means])}",
    )  # fmt: skip


def probability_tables(
    shares: Sequence[StatusShare], tops: Sequence[TopHypothesis]
) -> Iterator[Table]:
    """P of each status of what a bias is about, and the most probable hypotheses."""
    for condition, part in dict.fromkeys((one.condition, one.part) for one in shares):
        own = [one for one in shares if (one.condition, one.part) == (condition, part)]
        statuses = list(dict.fromkeys(one.status for one in own))
        found = {(one.status, one.generation): one.mean for one in own}
        generations = _spread(sorted({one.generation for one in own}))
        how = "Share of the rules that were kept." if own[0].of_rules else "By P(h)."
        yield Table(
            f"P({one_line(part)}){_titled(condition)}",
            ("GEN.", *(one_line(status).upper() for status in statuses)),
            tuple(
                (str(number), *(_with_interval(found.get((one, number))) for one in statuses))
                for number in generations
            ),
            words=0, note=f"{how} Generation 0 is before any data."
            f"{_repeated([one.mean for one in own])}",
        )  # fmt: skip
    if tops:
        yield Table(
            "The most probable hypothesis", ("CONDITION", "HYPOTHESIS", "GEN.", "P(H)", "P(TRUTH)"),
            tuple(
                (
                    one_line(one.condition), one_line(one.hypothesis), str(one.generation),
                    share_text(one.probability), share_text(one.of_truth),
                )
                for one in tops
            ),
            words=2, note="By the mean of P(h) over runs.",
        )  # fmt: skip


# ---------------------------------------------------------------- exact twins


def twin_tables(twin: Twin) -> Iterator[Table]:
    """What exact learners do, and what they were given."""
    yield Table(
        f"Exact learners of {one_line(twin.name)}", ("WHAT", "IS"),
        (
            ("world", f"{twin.world.name}, {len(twin.world.hypotheses):,} hypotheses"),
            ("truth", one_line(twin.truth)),
            *(
                (("bias wants", one_line(parts_text(twin.wanted))),) if twin.wanted else ()
            ),
            *(
                (("alternative", one_line(twin.alternative)),) if twin.alternative else ()
            ),
            ("first data", one_line(_data(twin.first))),
            ("learners", twin.learner),
            ("prior", twin.prior),
            ("noise", f"{twin.noise:g}"),
            ("examples passed on", str(twin.examples)),
            ("effective set", "all" if twin.effective is None else f"{twin.effective:,}"),
            ("transitions", twin.curve.way),
        ),
        words=2,
    )  # fmt: skip
    yield curve_table(twin.curve, twin)


def claim_tables(claims: Sequence[Claim]) -> Iterator[Table]:
    """Claims of theory, each with the ends of its curves."""
    for claim in claims:
        rows = tuple(
            (
                one_line(", ".join(one.condition.values()) if claim.of == "runs" else one.label),
                *(
                    NONE if values is None else brief_text(float(values[place]))
                    for values in (one.bias_probability,) for place in (0, -1)
                ),
                brief_text(float(one.entropy_of_chains[-1])), _known_text(float(one.distance[-1])),
            )
            for one in claim.curves
        )  # fmt: skip
        yield Table(
            claim.statement.rstrip("."),
            ("LEARNERS", "P(BIAS) FIRST", "LAST", "ENTROPY", "DISTANCE"), rows,
            note=f"{claim.verdict} {claim.found}",
        )  # fmt: skip


def _known_text(value: float) -> str:
    return brief_text(value) if isfinite(value) else NONE


def curve_table(curve: Curve, twin: Twin) -> Table:
    """A curve by generation, and the sampled chains beside it."""
    columns: dict[str, Any] = {
        "P(BIAS)": curve.bias_probability, "P(TRUTH)": curve.truth_probability,
        "ENTROPY": curve.entropy, "OVER CHAINS": curve.entropy_of_chains,
        "CONSIST.": curve.consistency, "DISTANCE": curve.distance,
    }  # fmt: skip
    if float(curve.stopped[-1]) > 0:
        columns["STOPPED"] = curve.stopped
    note = (
        "Entropy: of a learner's posterior, and of the hypotheses over all chains; nats. "
        "Distance: total variation to the prior."
    )
    if twin.sampled is not None and twin.bias is not None:
        columns["SAMPLED"] = twin.sampled.shares @ twin.bias
        note += f" Sampled: P(bias) of {len(twin.sampled.hypotheses):,} chains."
    known = {name: values for name, values in columns.items() if values is not None}
    count = len(curve.shares)
    return Table(
        "Generations", ("GEN.", *known),
        tuple(
            (str(number), *(brief_text(float(values[number - 1])) for values in known.values()))
            for number in _spread(list(range(1, count + 1)))
        ),
        words=0, note=" ".join((note, *curve.notes)),
    )  # fmt: skip


def _data(data: Data) -> str:
    return "; ".join(f"{one.input} → {one.output}" for one in data)


def _value(mean: Mean | None) -> str:
    return NONE if mean is None else brief_text(mean.value)


def _with_interval(mean: Mean | None) -> str:
    return NONE if mean is None else with_interval(mean.value, mean.interval, share_text)


def _repeated(means: Sequence[Mean]) -> str:
    """What notes say of runs that are not independent; empty where there are none."""
    if not any(one.repeated for one in means):
        return ""
    return " Runs of one condition and seed are not independent: their mean counts as one run."


def _titled(condition: str) -> str:
    return "" if condition == ALL else f": {one_line(condition)}"


def _spread(numbers: list[int]) -> list[int]:
    """At most so many of them, evenly, the first and the last among them."""
    if len(numbers) <= MOST_ROWS:
        return numbers
    step = (len(numbers) - 1) / (MOST_ROWS - 1)
    return [numbers[round(place * step)] for place in range(MOST_ROWS)]
