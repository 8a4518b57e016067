"""Several machines and one run: never two players, and a dead one's run goes on elsewhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.store.opening import open_store
from tests.faults.player import TALK
from tests.faults.programs import ROOT
from tests.lab import Lab, ScriptedPool, StillClock

ADA = ("far-0a0a0a:1:1", "ada")
BOB = ("near-0b0b0b:2:2", "bob")


class Player:
    """A process of `tests.faults.player`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.told: list[dict[str, Any]] = []

    def call(self) -> None:
        """Let it begin; it was started with the word `called`, and has told that it is `ready`."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def until(self, fact: str, times: int = 1) -> Any:
        """Read on until it has told this so often; what it told last."""
        assert self.process.stdout is not None
        while True:
            found = [line[fact] for line in self.told if fact in line]
            if len(found) >= times:
                return found[-1]
            line = self.process.stdout.readline()
            assert line, f"it ended without telling {fact!r}: {self.told}"
            self.told.append(json.loads(line))


Start = Callable[..., Player]


@pytest.fixture(params=["sqlite", "mongodb"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shared.db'}"
    return str(request.getfixturevalue("mongo_url"))


@pytest.fixture
async def lab(store_url: str) -> AsyncIterator[Lab]:
    store = await open_store(store_url)
    lab = Lab(store, ScriptedPool(), StillClock())
    lab.pool.script(["usual words"])
    yield lab
    await store.close()


@pytest.fixture
def player(store_url: str) -> Iterator[Start]:
    """Starts players, and ends those that are left."""
    with ExitStack() as stack:

        def start(run: Run, who: tuple[str, str], *words: str) -> Player:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.faults.player", store_url, run.id, *who, *words],
                    cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "error"},
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
                )
            )  # fmt: skip
            stack.callback(process.kill)
            return Player(process)

        yield start


async def check_shared(lab: Lab, run: Run, first: int) -> None:
    """The first steps are ada's, all others bob's; apart from that it is the usual run."""
    whole = await lab.run(TALK)
    steps = await lab.store.steps(run.id)
    assert [names(step) for step in steps] == [names(step) for step in whole]
    users = [step.content.partition(" ")[0] for step in steps[1:]]
    assert users == ["ada"] * (first - 1) + ["bob"] * (len(whole) - first)
    ended = await lab.store.run(run.id)
    assert (ended.status, await lab.store.lease(run.id)) == ("completed", None)


def names(step: Step) -> tuple[Any, ...]:
    return step.scope, step.index, step.position, step.kind, step.day, step.speaker


async def test_a_killed_machines_run_goes_on_elsewhere_once_its_lease_is_over(
    lab: Lab, player: Start
) -> None:
    run, _ = await lab.queue(TALK)
    heir = player(run, BOB, "patient", "called")
    assert heir.until("ready")
    first = player(run, ADA)
    first.until("committed", 4)
    first.process.kill()
    first.process.wait()
    heir.call()
    assert heir.until("refused") == f"Run {run.id} is being played by ada on far."
    assert heir.until("ended") == "completed"
    await check_shared(lab, run, heir.until("started"))


async def test_a_machine_that_was_asleep_leaves_its_run_to_the_heir(
    lab: Lab, player: Start
) -> None:
    run, _ = await lab.queue(TALK)
    sleeper = player(run, ADA)
    sleeper.until("committed", 4)
    sleeper.process.send_signal(signal.SIGSTOP)
    heir = player(run, BOB, "patient")
    first = heir.until("started")
    sleeper.process.send_signal(signal.SIGCONT)
    assert sleeper.until("refused") == f"Run {run.id} was taken over by bob on near."
    assert heir.until("ended") == "completed"
    await check_shared(lab, run, first)


async def test_of_several_machines_one_plays(lab: Lab, player: Start) -> None:
    run, _ = await lab.queue(TALK)
    players = [player(run, (f"m{number}-0c0c0c:3:3", "eve")) for number in range(4)]
    committed: list[int] = []
    for one in players:
        out, _ = one.process.communicate(timeout=60)
        committed += [line["committed"] for line in told(out) if "committed" in line]
    assert sorted(committed) == list(range(11))
    assert (await lab.store.run(run.id)).status == "completed"


def told(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]
