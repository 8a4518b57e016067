"""Games of the original telephone, gathered as runs for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from simulator.analysis.culture.records import Chain
from simulator.errors import SimulatorError
from simulator.files.originals.assembling import Loss
from simulator.files.originals.telephone_runs import GatheredRun, gathered_runs
from simulator.files.originals.telephones import (
    telephones_in,
)
from simulator.kinds.telephone.results import chains_of

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "telephone"


def gathered(folder: Path) -> tuple[list[GatheredRun], list[Loss]]:
    records = list(gathered_runs(telephones_in(folder)))
    runs = [one for one in records if isinstance(one, GatheredRun)]
    return runs, [one for one in records if isinstance(one, Loss)]


def chains_in(run: GatheredRun) -> tuple[Chain, ...]:
    return chains_of(run.run, run.design, run.steps)


def plain(chains: Iterable[Chain]) -> list[Chain]:
    return sorted(
        (replace(chain, source="") for chain in chains),
        key=lambda one: (one.model, one.task, one.text, one.seed, one.agent),
    )


def refused(error: SimulatorError) -> None:
    raise error
