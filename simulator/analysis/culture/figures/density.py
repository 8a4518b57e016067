"""How values are spread: a smooth curve of their density."""

from __future__ import annotations

import numpy as np

from simulator.analysis.culture.records import Floats


def density_of(values: Floats, places: Floats, narrower: float = 1.0) -> Floats | None:
    """Density at some places, by Gaussian kernels.

    The bandwidth is Scott's: the standard deviation times n^(-1/5) (Scott, 1992, Multivariate
    Density Estimation, section 6.2).

    Args:
        values: Any number; those that are not finite are left out.
        places: Shape (places,).
        narrower: What the bandwidth is multiplied by.

    Returns:
        Shape (places,), scaled so that the highest is 1; None of fewer than 2 values, or where all
        are equal.
    """
    known = values[np.isfinite(values)]
    if known.size < 2 or np.ptp(known) <= 1e-9 * max(1e-9, float(np.abs(known).max())):
        return None
    width = float(known.std(ddof=1)) * known.size ** (-1 / 5) * narrower
    # A kernel narrower than the places are apart would fall between them.
    width = max(width, float(places[1] - places[0]))
    heights = np.exp(-0.5 * ((places[:, None] - known) / width) ** 2).sum(axis=1)
    top = float(heights.max())
    return None if top <= 0 else np.asarray(heights / top)
