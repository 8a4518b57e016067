"""A process with several writers that play whatever runs are free, and say which they played."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from random import Random

from simulator.domain.ports import ExperimentStore
from simulator.domain.records import Lease, RunQuery
from simulator.store.opening import open_store
from tests.store.examples import a_step

LEASE_S = 60


async def play(store: ExperimentStore, owner: str, run_id: str, steps: int) -> bool:
    """Play a run to its end; False when somebody else plays it, or has."""
    now = datetime.now(UTC)
    lease = Lease(owner, now + timedelta(seconds=LEASE_S))
    if await store.acquire(run_id, lease, now=now) is not None:
        return False
    begun = await store.steps(run_id)
    for index in range(len(begun), steps):
        await store.commit(a_step(index, run_id, speaker=owner))
    await store.release(run_id, owner, status="completed")
    return len(begun) < steps


async def main(url: str, process: str, writers: int, steps: int) -> None:
    store = await open_store(url)

    async def write(number: int) -> None:
        owner = f"{process}:{number}"
        queued = [run.id for run in await store.runs(RunQuery(status="queued"))]
        Random(owner).shuffle(queued)
        for run_id in queued:
            if (await store.run(run_id)).status == "queued" and await play(
                store, owner, run_id, steps
            ):
                sys.stdout.write(f"{run_id} {owner}\n")
                sys.stdout.flush()

    await asyncio.gather(*map(write, range(writers)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
