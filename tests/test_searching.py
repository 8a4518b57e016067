"""A search for temperatures goes on where it stopped, and proposes what it would have proposed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from simulator.analysis.debates.searching import Tried
from simulator.analysis.debates.summary import summarize
from simulator.domain.events import Event, StepCommitted
from simulator.domain.records import ExperimentQuery, RunQuery
from simulator.errors import DesignInvalidError, SimulatorError, UsageError
from simulator.kinds.debate.design import DebateDesign
from simulator.searching import Probe, Search, Space, probes_of, proposal
from simulator.services import Services, open_services
from simulator.settings import Settings
from tests.analysis.debates.talk import finals
from tests.kinds.debate.debating import debate

SAYS = "scripted/say?text=Answer: 1"
PROBES = probes_of([(0.1, 0.2), (0.3, 0.4)], 7)


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as opened:
        yield opened


def deaf(event: Event) -> None:
    return None


def design(**fields: object) -> DebateDesign:
    return debate(model=SAYS, rounds=2, **fields)


async def interrupted(services: Services, run_id: str, after: int) -> None:
    """Play a run and give up after so many steps."""
    run, heard = await services.store.run(run_id), asyncio.Event()
    steps = 0

    def hear(event: Event) -> None:
        nonlocal steps
        steps += isinstance(event, StepCommitted)
        if steps >= after:
            heard.set()

    playing = asyncio.create_task(services.play(run, listener=hear))
    await heard.wait()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing


def test_a_point_that_comes_again_has_the_next_seed() -> None:
    points = [(0.1,), (0.2,), (0.1,)]
    assert [(one.point[0], one.seed) for one in probes_of(points, 5)] == [
        (0.1, 5), (0.2, 5), (0.1, 6),
    ]  # fmt: skip
    assert [one.seed for one in probes_of([(0.1,), (0.2,)], 5, repeat=2)] == [5, 5, 6, 6]


async def test_an_interrupted_search_repeats_nothing_that_is_finished(services: Services) -> None:
    search = Search(services, design(), {"mode": "natural_language"})
    first, second = await search.runs(PROBES)
    assert await services.play(first, listener=deaf)
    await interrupted(services, second.id, after=4)
    assert [one.run_id for one in await search.tried(PROBES)] == [first.id]
    before = await services.store.steps(second.id)

    again = Search(services, design(), {"mode": "natural_language"})
    runs = await again.runs([*PROBES, Probe((0.5, 0.6), 7)])
    assert [run.id for run in runs[:2]] == [first.id, second.id]
    assert [run.status for run in runs] == ["completed", "paused", "queued"]
    for run in runs[1:]:
        await services.play(run, listener=deaf)
    assert (await services.store.steps(second.id))[: len(before)] == before
    found = await again.tried([*PROBES, Probe((0.5, 0.6), 7)])
    assert [one.summary.debaters[1].temperatures[0] for one in found] == [0.2, 0.4, 0.6]
    assert [one.summary.right for one in found] == [1, 1, 1]
    assert len(await services.store.runs(RunQuery())) == 3
    assert len(await services.store.experiments(ExperimentQuery())) == 1


async def test_other_parameters_seeds_and_designs_are_other_runs(services: Services) -> None:
    (known,) = await Search(services, design(), {}).runs(PROBES[:1])
    probes = [PROBES[0], replace(PROBES[0], seed=8)]
    runs = await Search(services, design(), {}).runs(probes)
    assert (runs[0].id, runs[1].seed) == (known.id, 8)
    for other in (
        Search(services, design(), {"rounds": 3}),
        Search(services, design(consensus=True), {}),
    ):
        (run,) = await other.runs(PROBES[:1])
        assert run.id not in {one.id for one in runs}


async def test_a_finished_run_goes_before_a_newer_one_and_forks_are_none(
    services: Services,
) -> None:
    (first,) = await Search(services, design(), {}).runs(PROBES[:1])
    await services.play(first, listener=deaf)
    (newer,) = await services.launch(design(), first.parameters, seed=first.seed)
    (found,) = await Search(services, design(), {}).runs(PROBES[:1])
    assert found.id == first.id != newer.id
    (other,) = await Search(services, design(), {}).runs(PROBES[1:])
    await interrupted(services, other.id, after=3)
    await services.fork(other, at=1)
    (found,) = await Search(services, design(), {}).runs(PROBES[1:])
    assert found.id == other.id


@pytest.mark.parametrize(
    ("made", "probe", "error"),
    [
        (design(mode="cipher"), Probe((0.0, 0.5), 1), DesignInvalidError),
        (design(mode="cipher"), Probe((0.1, 0.5), 1), UsageError),
        (design(), Probe((0.1, 2.5), 1), DesignInvalidError),
        (design(), Probe((0.1, 0.2, 0.3), 1), DesignInvalidError),
        (design(debaters=[{}, {"model": "scripted/none"}]), PROBES[0], SimulatorError),
    ],
)
async def test_what_cannot_be_played_is_refused_before_anything_is_stored(
    services: Services, made: DebateDesign, probe: Probe, error: type[SimulatorError]
) -> None:
    with pytest.raises(error):
        await Search(services, made, {}).runs([probe, PROBES[1]])
    assert await services.store.experiments(ExperimentQuery()) == []


# ---------------------------------------------------------------- Bayesian

SPACE = Space(2, 0.01, 1.0, is_sorted=True)


def outcome(point: tuple[float, ...], seed: int = 0) -> Tried:
    """The cooler the first debater, the more of ten answers are right."""
    right = round(10 * (1 - point[0]))
    return Tried(point, seed, "R", summarize(finals(*["1"] * right, *["2"] * (10 - right))))


def searched(count: int, begun: list[Tried]) -> list[Tried]:
    tried = list(begun)
    while len(tried) < count:
        tried.append(outcome(proposal(SPACE, tried, "final", 3)))
    return tried


def test_a_search_rebuilt_from_what_is_finished_proposes_the_same() -> None:
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    begun = [outcome(point) for point in SPACE.drawn(2, 3)]
    whole = searched(9, begun)
    assert searched(9, whole[:5]) == whole
    assert len({one.point for one in whole}) > 6
    assert all(0.01 <= low <= high <= 1.0 for low, high in (one.point for one in whole))
    other = [outcome(one.point[::-1]) for one in whole[:5]]
    assert proposal(SPACE, other, "final", 3) != whole[5].point


def test_proposals_go_where_answers_are_right() -> None:
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    tried = [outcome(point) for point in SPACE.drawn(20, 1)]
    proposed = [proposal(SPACE, tried, "final", seed)[0] for seed in range(10)]
    assert sum(proposed) / 10 < sum(one.point[0] for one in tried) / 20
