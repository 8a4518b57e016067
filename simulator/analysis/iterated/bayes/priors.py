"""Prior beliefs over the hypotheses of a world: arrays of shape (H,), sum 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.analysis.iterated.bayes.tables import Flags, Floats
from simulator.errors import UsageError


def uniform_prior(count: int) -> Floats:
    """All hypotheses alike."""
    return np.full(count, 1 / count)


def biased_prior(preferred: Flags, share: float) -> Floats:
    """Hypotheses with a property, such as the screen off, hold a share together.

    They are alike among themselves, and so are the others. A share of 1 leaves the others with
    a prior of 0, which no data can raise.

    Args:
        preferred: Shape (H,).
        share: 0 to 1. The bias is strong far above, none at `preferred.mean()`.

    Raises:
        UsageError: The share is none, or belongs to no hypothesis.
    """
    many = int(preferred.sum())
    others = len(preferred) - many
    if not 0 <= share <= 1:
        raise UsageError(
            f"The share of a biased prior is {share}.", remedy="Give a share from 0 to 1."
        )
    if (share > 0 and not many) or (share < 1 and not others):
        raise UsageError(
            f"A biased prior of {share:g} leaves a share to no hypothesis: {many} of "
            f"{len(preferred)} have the property.",
            remedy="Choose a property that some hypotheses have and others have not.",
        )
    return np.where(preferred, share / max(many, 1), (1 - share) / max(others, 1))


def prior_from_counts(counts: Floats, pseudo_count: float = 1.0) -> Floats:
    """Shares of answers, as if each hypothesis had been answered so many times more.

    The posterior mean under a symmetric Dirichlet distribution.

    Args:
        counts: Shape (H,), 0 or more; P(h) of an answer may be counted instead of the answer.
        pseudo_count: Of each hypothesis, 0 or more.

    Raises:
        UsageError: There is nothing to count.
    """
    if pseudo_count < 0:
        raise ValueError(f"pseudo_count is {pseudo_count}; it must be at least 0")
    return own_prior(np.asarray(counts, dtype=np.float64) + pseudo_count, len(counts))


def own_prior(
    weights: Sequence[float] | Floats | Mapping[str, float], hypotheses: Sequence[str] | int
) -> Floats:
    """The user's own weights, made to add up to 1.

    Args:
        weights: One for each hypothesis in their order, or by hypothesis; those that are not
            named have 0.
        hypotheses: All of them, or how many they are where weights are in order.

    Raises:
        UsageError: Weights are missing, too many, negative, infinite or all 0, or of no
            hypothesis of the world.
    """
    names = () if isinstance(hypotheses, int) else tuple(hypotheses)
    count = hypotheses if isinstance(hypotheses, int) else len(names)
    if isinstance(weights, Mapping):
        unknown = [one for one in weights if one not in names]
        if unknown:
            raise UsageError(
                f"The prior names a hypothesis that the world does not have: {unknown[0]!r}.",
                remedy="Write hypotheses as the world lists them.",
            )
        weights = [weights.get(one, 0.0) for one in names]
    remedy = "Give each hypothesis a weight of 0 or more."
    try:
        values = np.asarray(weights, dtype=np.float64)
    except OverflowError:
        raise UsageError(
            "A weight of the prior is too large to count.",
            remedy="Divide all weights by the same number; only their ratios matter.",
        ) from None
    if values.shape != (count,):
        raise UsageError(
            f"The prior has {values.size} weights, and the world {count} hypotheses.",
            remedy="Give one weight for each hypothesis.",
        )
    if not np.isfinite(values).all() or (values < 0).any() or not values.any():
        raise UsageError(
            "The weights of the prior are no prior: they must be 0 or more, finite, not all 0.",
            remedy=remedy,
        )
    relative: Floats = values / values.max()
    shares: Floats = relative / relative.sum()
    return shares


def effective_prior(prior: Floats, effective: Flags) -> Floats:
    """A prior over an effective hypothesis set; all 0 where nothing is left.

    To learn with only these hypotheses at hand is to learn with this prior (arXiv 2404.04286,
    section 3: the interaction phase).

    Args:
        prior: Shape (H,).
        effective: Shape (H,), such as those that are consistent with the first data.
    """
    left = np.where(effective, prior, 0.0)
    total = left.sum()
    return left / total if total > 0 else left


def maximum(prior: Floats) -> Floats:
    """All probability on the largest of a prior, ties alike: where MAP learners end.

    That is so where data have no noise and chances lead there: data of the largest are then
    never read as another one.
    """
    best = prior >= prior.max() * (1 - 1e-9)
    shares: Floats = best / best.sum()
    return shares
