"""Runs of models beside exact learners, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.analysis.iterated.bayes.learners import Choice
from simulator.analysis.iterated.conditions import ALL
from simulator.analysis.iterated.fits import Fit
from simulator.presentation.chain_cells import brief_text
from simulator.presentation.debates import NONE, Table
from simulator.presentation.safe_text import one_line

LEARNERS: Mapping[Choice, str] = {"sampler": "sampler", "map": "MAP", "soft-map": "soft-MAP"}
"""What kinds of learners are called."""


def fit_tables(fits: Sequence[Fit], level: float) -> Iterator[Table]:
    """Runs beside the exact learners with the prior that their first learners seem to have.

    Then which kind of learner explains the rules of the runs best.

    Args:
        fits: Of all conditions.
        level: Of the intervals of the runs, between 0 and 1.
    """
    rows = tuple(
        (
            one_line(one.condition), one.measure.replace("_", " "), str(one.generation),
            brief_text(one.of_runs), brief_text(one.of_curve),
            NONE if one.within is None else "yes" if one.within else "no", brief_text(one.error),
        )
        for fit in fits
        for one in fit.deviations()
    )  # fmt: skip
    kinds = ", ".join(dict.fromkeys(LEARNERS[fit.learner] for fit in fits))
    notes = [
        f"Exact learners: {kinds}. Their prior is estimated from the first answers of these runs. "
        f"Within: whether the curve lies in the {100 * level:g} % interval of the runs. Error: "
        "the root of the mean squared difference over all generations."
    ]
    for fit in fits:
        about = "" if fit.condition == ALL else f"{one_line(fit.condition)}: "
        if fit.fitted is None or fit.curve is None:
            notes.append(f"{about}no fit: {one_line(fit.reason)}.")
            continue
        told = f"{about}{fit.fitted.answers} first answers, noise {fit.fitted.noise:.2f}."
        if fit.fitted.repeated:
            told += f" Of a seed that others have: {fit.fitted.repeated}; a seed counts once."
        if fit.fitted.left_out:
            told += f" Left out: {fit.fitted.left_out}."
        notes.append(" ".join((told, *fit.curve.notes)))
    yield Table(
        "Beside exact Bayesian learners",
        ("CONDITION", "MEASURE", "GEN.", "RUNS", "EXACT", "WITHIN", "ERROR"), rows, words=2,
        note=" ".join((*notes, *_doubts(fits))),
    )  # fmt: skip
    if any(fit.likelihoods for fit in fits):
        yield _likelihood_table(fits)


def _doubts(fits: Sequence[Fit]) -> Iterator[str]:
    """Why priors cannot be known; what is true of several conditions is said once."""
    found: dict[str, list[str]] = {}
    for fit in fits:
        for doubt in fit.doubts:
            found.setdefault(doubt, []).append(fit.condition)
    if found:
        yield "The prior is not sure."
    for doubt, conditions in found.items():
        told = len(conditions) < len(fits)
        yield f"{one_line('; '.join(conditions))}: {doubt}" if told else doubt


def _likelihood_table(fits: Sequence[Fit]) -> Table:
    return Table(
        "Which learners explain the rules best",
        ("CONDITION", "LEARNERS", "LOG P(RULE)", "AT RANDOM", "RULES", "BEST"),
        tuple(
            (
                one_line(fit.condition), LEARNERS[choice], brief_text(one.mean),
                brief_text(one.lapses), f"{one.rules:,}", "best" if choice == fit.best else "",
            )
            for fit in fits
            for choice, one in fit.likelihoods.items()
        ),
        words=2,
        note="Of the rules of learners after the first, before an interaction, given what each "
        "read: the mean log-likelihood in nats, and the share of rules said at random that makes "
        "it largest. Where that is near 1, exact learners of no kind explain them.",
    )  # fmt: skip
