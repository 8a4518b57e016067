"""SciPy, where it is not installed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from simulator.analysis.culture.distributions import drift_of
from simulator.errors import NotFoundError


def test_what_is_missing_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(NotFoundError, match="SciPy, which is not installed") as caught:
        drift_of(np.random.default_rng(1).random((4, 3)))
    assert "pip install -e '.[analysis]'" in str(caught.value.remedy)
