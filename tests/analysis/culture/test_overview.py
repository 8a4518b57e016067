"""What chains there are, by model, task and temperature."""

from __future__ import annotations

from simulator.analysis.culture.cycles import CycleRule
from simulator.analysis.culture.overview import chain_counts, chain_cycles, cycle_counts, means
from simulator.analysis.culture.records import Chain, MeasuredChains
from tests.analysis.culture.measured import joined, measured_of

CHAINS = tuple(
    Chain("m", "t", text, 1, (text, "b", end, end, end), temperature=temperature)
    for temperature, end in ((0.0, "c"), (1.0, ""))
    for text in ("x", "y")
)


def test_temperatures_of_one_model_are_told_apart() -> None:
    assert [(one.temperature, one.chains, one.empty) for one in chain_counts(CHAINS)] == [
        (0.0, 2, 0), (1.0, 2, 6)
    ]  # fmt: skip
    cycles = cycle_counts(CHAINS, chain_cycles(CHAINS, CycleRule()))
    assert [(one.temperature, one.cycles, one.trivial) for one in cycles] == [
        (0.0, 2, 0), (1.0, 2, 2)
    ]  # fmt: skip
    measured: MeasuredChains = joined(
        *(measured_of([[0, 1, heat]] * 2, temperature=heat) for heat in (0.0, 1.0))
    )
    assert [(one.temperature, one.last) for one in means(measured)] == [(0.0, 0), (1.0, 1)]
