"""Why a prior cannot be told from answers, whatever is done to estimate it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.analysis.iterated.bayes.tables import Flags, Floats
from simulator.analysis.iterated.worlds.base import Data

UNLIKELY = 0.01
"""Hypotheses whose likelihood is less, relative to the largest, are as good as ruled out."""
PULLED = 0.1
"""Total variation by which a prior moves with less of a pseudo-count, from which it is told."""


def doubts_of(evidence: Floats, first: Sequence[Data], rules: float) -> Iterator[str]:
    """What answers leave open, with what to do about it.

    Answers weigh hypotheses against those that the same data allow. Where no data allow two
    together, nor chains of data that overlap, their ratio is free: the graph of Vardi (1985, Annals
    of Statistics 13) is not connected.

    Args:
        evidence: Shape (answers, H): P(data of the answer | h), the largest of each row 1.
        first: Data of the answers.
        rules: Answers that are one rule, without P(h); those of one seed count as one.
    """
    size = evidence.shape[1]
    allowed: Flags = evidence >= UNLIKELY
    never = int((~allowed.any(axis=0)).sum())
    if len({tuple(sorted(data)) for data in first}) == 1 and never:
        yield (
            f"All first data are the same and rule {never:,} of {size:,} hypotheses out, of whose "
            "prior nothing can be known: play runs with other seeds, or with another `world.truth`."
        )
    elif never:
        yield (
            f"The first data of all runs rule {never:,} of {size:,} hypotheses out, of whose prior "
            "nothing can be known: play more seeds, with `world.truth: drawn`."
        )
    parts = _parts(allowed)
    if parts > 1:
        yield (
            f"The first data fall into {parts:,} groups that allow no hypothesis in common; the "
            "ratio of their priors cannot be known: play more seeds, or fewer `world.examples`."
        )
    if 0 < rules < size:
        yield (
            f"{rules:.0f} rule{'' if round(rules) == 1 else 's'} cannot tell {size:,} hypotheses "
            "apart, most of which were never said: play more seeds, or take P(h), with "
            "`probabilities.by`."
        )


def pull_of(prior: Floats, freer: Floats) -> Iterator[str]:
    """Whether a pseudo-count, and not the answers, makes a prior what it is.

    Args:
        prior: Shape (H,), as it was estimated.
        freer: Shape (H,), as it is with a tenth of the pseudo-count.
    """
    moved = float(np.abs(prior - freer).sum()) / 2
    if moved >= PULLED:
        yield (
            "The answers are so few that the estimate is drawn towards a uniform prior: with a "
            f"tenth of that pull {100 * moved:.0f} % of the prior would lie elsewhere. Play more "
            "seeds, or take P(h) by `probabilities.by: scores`."
        )


def few_samples(samples: float, size: int) -> Iterator[str]:
    """Whether P(h) by samples leaves out hypotheses because they were not drawn.

    Args:
        samples: Of all first answers together, those of one seed as of one; 0 for none.
        size: H.
    """
    if 0 < samples < size:
        yield (
            f"{samples:,.0f} samples cannot tell {size:,} hypotheses apart: the prior is narrower "
            "than it is, and the entropy of the curve too low. Play more seeds, or take P(h) by "
            "`probabilities.by: scores`."
        )


def _parts(allowed: Flags) -> int:
    """Groups of rows that share no column with those of another group."""
    groups: list[Flags] = []
    for row in allowed:
        met = [one for one in groups if bool((one & row).any())]
        groups = [one for one in groups if not any(one is own for own in met)]
        groups.append(np.logical_or.reduce([row, *met]))
    return len(groups)
