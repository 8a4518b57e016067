"""How alike texts are: along chains, and between chains at the start and at the end."""

from __future__ import annotations

import numpy as np

from screens.analysis.chain_plots.asked import LEVEL, RESAMPLES, Asked, Plotted, known, nothing
from screens.widgets.drawings import Stack
from screens.widgets.heat import Heat
from screens.widgets.scatter import Cloud, Scatter
from simulator.analysis.culture.convergence import convergences, pairs_of_chains
from simulator.analysis.culture.figures.likeness import mean_similarity
from simulator.presentation.chains import convergence_table
from simulator.presentation.wording import counted

_MOST_PAIRS = 300
"""That are drawn of a group, evenly taken."""


def similarity(asked: Asked) -> Plotted:
    """Mean similarity of each two generations of a chain, for each group."""
    parts = []
    for name, chains in asked.groups:
        if not any(text.strip() for chain in chains.chains for text in chain.texts):
            continue
        found, compared = mean_similarity(chains)
        if found is None:
            continue
        title = f"Similarity of each two {asked.passing.step}s, {counted(compared, 'chain')}"
        labels = tuple(str(place) for place in range(found.shape[0]))
        parts.append(
            Heat(
                f"{name}: {title}" if name else title, asked.passing.step, labels, labels,
                tuple(known(row) for row in found),
            )
        )  # fmt: skip
    if not parts:
        return nothing(asked, "there are no texts to compare")
    return Plotted(parts[0] if len(parts) == 1 else Stack(tuple(parts)))


def convergence(asked: Asked) -> Plotted:
    """Similarity of the last texts of two chains by that of their first, for each group.

    Pairs above the diagonal have come closer; pairs from one initial text begin at 1.
    """
    clouds = []
    for name, chains in asked.groups:
        spoken = [
            chain for chain in chains.chains if any(text.strip() for text in chain.texts)
        ]  # fmt: skip
        if len(spoken) < 2:
            continue
        pairs = pairs_of_chains(spoken, generation="shared")
        if not pairs.initial.size:
            continue
        last = pairs.initial.size - 1
        kept = np.unique(np.linspace(0, last, min(_MOST_PAIRS, last + 1)).round().astype(int))
        points = zip(pairs.initial[kept].tolist(), pairs.final[kept].tolist(), strict=True)
        clouds.append(Cloud(name, tuple(points)))
    if not clouds:
        return nothing(asked, "fewer than two complete chains")
    start = f"similarity of {asked.passing.start}s"
    title = "Similarity of last texts by that of first ones"
    scatter = Scatter(title, start, tuple(clouds))
    found = convergences(
        asked.measured.chains, generation="shared", level=LEVEL, draws=RESAMPLES
    )  # fmt: skip
    return Plotted(scatter, (convergence_table(found, LEVEL),))
