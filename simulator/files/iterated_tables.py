"""What lineages of learners came to, as rows of CSV and JSON: numbers in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.analysis.iterated.conditions import Condition, GenerationMean, StatusShare
from simulator.analysis.iterated.intervals import Mean
from simulator.analysis.iterated.measured import ALL_MEASURES
from simulator.files.chain_tables import plain

if TYPE_CHECKING:
    from simulator.analysis.iterated.bayes.curves import Curve
    from simulator.analysis.iterated.fits import Fit


def mean_rows(means: Sequence[GenerationMean]) -> list[dict[str, Any]]:
    """A row for each condition, measure and generation."""
    return [
        {
            "condition": one.condition, "measure": one.measure, "generation": one.generation,
            **_mean(one.mean),
        }
        for one in means
    ]  # fmt: skip


def lineage_rows(conditions: Sequence[Condition]) -> list[dict[str, Any]]:
    """A row for each run and generation, as for a regression: a column for each measure.

    Of runs of one condition and seed, which means count once, each has its rows. Generation 0 is
    the first data, of which few measures know.
    """
    varied = list(dict.fromkeys(name for one in conditions for name in one.values))
    lineages = [(one, lineage) for one in conditions for lineage in one.lineages]
    measures = [name for name in ALL_MEASURES if any(name in one.values for _, one in lineages)]
    return [
        {
            "condition": condition.name, "run": one.lineage.run, "seed": one.lineage.seed,
            **{name: condition.values.get(name) for name in varied},
            "generation": number,
            **{name: one.values.get(name, {}).get(number) for name in measures},
        }
        for condition, one in lineages
        for number in sorted({number for own in one.values.values() for number in own})
    ]  # fmt: skip


def share_rows(shares: Sequence[StatusShare]) -> list[dict[str, Any]]:
    """A row for each condition, status and generation."""
    return [
        {
            "condition": one.condition, "part": one.part, "status": one.status,
            "generation": one.generation, **_mean(one.mean), "of_rules": one.of_rules,
        }
        for one in shares
    ]  # fmt: skip


def fit_rows(fits: Sequence[Fit]) -> dict[str, list[dict[str, Any]]]:
    """Rows of tables by their names.

    How far runs are from curves, the curves, the priors, how well each kind of learner explains
    rules, why priors may not be known, and why there is no curve.
    """
    fitted = [one for one in fits if one.curve is not None and one.fitted is not None]
    return {
        "fit": [plain(row) for one in fits for row in one.deviations()],
        "fit_curves": [
            {"condition": one.condition, "learner": one.learner} | row
            for one in fitted
            if one.curve is not None
            for row in curve_rows(one.curve)
        ],
        "fit_priors": [
            {"condition": one.condition, "hypothesis": place, "prior": float(p)}
            for one in fitted
            if one.fitted is not None
            for place, p in enumerate(one.fitted.prior)
        ],
        "fit_learners": [
            {
                "condition": one.condition,
                "learner": choice,
                "mean_log_likelihood": plain(found.mean),
                "at_random": plain(found.lapses),
                "rules": found.rules,
                "is_best": choice == one.best,
            }
            for one in fits
            for choice, found in one.likelihoods.items()
        ],
        "fit_doubts": [
            {"condition": one.condition, "doubt": doubt} for one in fits for doubt in one.doubts
        ],
        "fit_missing": [
            {"condition": one.condition, "reason": one.reason} for one in fits if one.reason
        ],
    }


def curve_rows(curve: Curve) -> list[dict[str, Any]]:
    """A row for each generation of a curve."""
    columns = {
        "entropy": curve.entropy, "entropy_of_chains": curve.entropy_of_chains,
        "bias_probability": curve.bias_probability, "truth_probability": curve.truth_probability,
        "consistency": curve.consistency, "consistent": curve.consistent,
        "distance_to_prior": curve.distance, "stopped": curve.stopped,
    }  # fmt: skip
    return [
        {"generation": place + 1}
        | {
            name: None if values is None else plain(float(values[place]))
            for name, values in columns.items()
        }
        for place in range(len(curve.shares))
    ]


def _mean(mean: Mean) -> dict[str, Any]:
    low, high = (None, None) if mean.interval is None else (mean.interval.low, mean.interval.high)
    return {
        "mean": plain(mean.value), "low": low, "high": high, "runs": mean.runs,
        "missing": mean.missing,
    }  # fmt: skip
