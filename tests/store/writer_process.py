"""A process that commits steps and says on its output which were acknowledged."""

import asyncio
import sys
from pathlib import Path

from simulator.store.sqlite import SqliteStore
from tests.store.examples import a_step


async def write(path: Path, run_id: str, scopes: int, count: int) -> None:
    store = await SqliteStore.open(path)

    async def play(scope: int) -> None:
        for index in range(count):
            step = a_step(index, run_id, scope=f"{scope}", position=scopes * index + scope)
            await store.commit(step)
            sys.stdout.write(f"{scope} {index}\n")
            sys.stdout.flush()

    await asyncio.gather(*map(play, range(scopes)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
