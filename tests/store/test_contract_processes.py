"""What every store promises to several processes at once."""

import asyncio
import sys

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import RunQuery
from tests.servers.process import ROOT
from tests.store.examples import a_run, an_experiment

PROCESSES, WRITERS = 4, 4
RUNS, STEPS = 24, 20
PATIENCE_S = 120


async def test_sixteen_writers_lose_nothing_and_share_no_run(
    store: ExperimentStore, store_url: str
) -> None:
    await store.add_experiment(an_experiment())
    ids = [f"R{number:03}" for number in range(RUNS)]
    for run_id in ids:
        await store.add_run(a_run(run_id))
    players = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.store.player_process",
            store_url, f"process-{number}", str(WRITERS), str(STEPS),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    async with asyncio.timeout(PATIENCE_S):
        outputs = [(await player.communicate())[0].decode() for player in players]
    assert [player.returncode for player in players] == [0] * PROCESSES
    played = [tuple(line.split()) for output in outputs for line in output.splitlines()]
    assert sorted(run_id for run_id, _ in played) == ids
    for run_id, owner in played:
        journal = await store.steps(run_id)
        assert [step.index for step in journal] == list(range(STEPS))
        assert {step.speaker for step in journal} == {owner}
    assert len(await store.runs(RunQuery(status="completed"))) == RUNS
