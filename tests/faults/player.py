"""A process that plays a run as a machine of its own, and says as JSON lines how it goes."""

from __future__ import annotations

import asyncio
import json
import sys

from simulator.backends.scripted import ScriptOptions
from simulator.domain.events import Event, RunStarted, StepCommitted
from simulator.engine.runner import play_run
from simulator.engine.theatre import Theatre
from simulator.errors import LeaseLostError
from simulator.kinds.conversation.kind import ConversationKind
from simulator.process import SystemClock
from simulator.store.opening import open_store
from tests.lab import ScriptedPool, design

TALK = design(messages=10)
LEASE_S = 2.0


def tell(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def hear(event: Event) -> None:
    if isinstance(event, RunStarted):
        tell(started=event.resumed_steps)
    elif isinstance(event, StepCommitted):
        tell(committed=event.step.position)


async def play(url: str, run_id: str, owner: str, user: str, patient: bool) -> None:
    store, pool, kind = await open_store(url), ScriptedPool(), ConversationKind()
    pool.script(
        lambda request: f"{user} has seen {len(request.prompt)}, {request.seed % 1000}",
        options=ScriptOptions(delay_ms=60),
    )
    theatre = Theatre(store, pool, SystemClock(), owner, user, lease_s=LEASE_S)
    resolved = kind.resolve(TALK, {})
    while True:
        run = await store.run(run_id)
        try:
            played = await play_run(theatre, run, kind, resolved, listener=hear)
        except LeaseLostError as error:
            tell(refused=error.message)
            if not patient:
                break
            await asyncio.sleep(0.05)
        else:
            tell(ended=played.run.status)
            break
    await store.close()


if __name__ == "__main__":
    store_url, run_id, owner, user, *rest = sys.argv[1:]
    if "called" in rest:
        tell(ready=True)
        sys.stdin.readline()
    asyncio.run(play(store_url, run_id, owner, user, "patient" in rest))
