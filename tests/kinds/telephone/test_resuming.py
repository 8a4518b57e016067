"""Games of telephone that are interrupted at any generation, fail in part, or are killed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from simulator.backends.scripted import babble
from simulator.domain.events import TurnStarted
from simulator.domain.models import GenerateRequest
from simulator.domain.records import RunQuery
from simulator.engine.verifying import verify_run
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    ModelAccessError,
    SimulatorError,
)
from simulator.kinds.telephone.results import chains_of
from simulator.services import open_services
from simulator.settings import Settings
from tests.faults.programs import Program
from tests.kinds.telephone.games import KIND, cut, said, shown, telephone
from tests.lab import Lab

RING = {"structure": "circle", "agents": 3}
ONE: Any = {"texts": [{"name": "a", "text": "one\ntwo"}]}
MADE: dict[str, Any] = {
    "chains": telephone(**ONE, chains=3, generations=2),
    "mixed": telephone(**ONE, personalities=["Kind.", "Dry."]),
    "form": telephone(**ONE, format={"start": "a", "end": "e", "retries": 2}, generations=2),
    "ring": telephone(**ONE, network=RING, chains=1, generations=2),
    "random": telephone(
        **ONE, network={**RING, "structure": "random", "edges": 1}, chains=1, generations=2
    ),
}


def counted(lab: Lab) -> list[tuple[str, int]]:
    """Let the model babble; every request that it gets, by prompt and seed."""
    asked: list[tuple[str, int]] = []

    def script(request: GenerateRequest) -> str:
        asked.append((request.prompt.hash, request.seed))
        return babble(request)

    lab.kind = KIND
    lab.pool.script(script)
    return asked


@pytest.mark.parametrize("name", MADE)
async def test_a_game_cut_after_any_step_ends_like_one_that_was_not(lab: Lab, name: str) -> None:
    asked = counted(lab)
    whole_run, made = await lab.queue(MADE[name], seed=5)
    whole = await lab.play(whole_run, made)
    steps = said(await lab.store.steps(whole_run.id))
    expected = sorted(asked)
    assert len({*asked}) == len(asked), "nothing is asked twice"
    for committed in range(1, len(steps) - 1):
        asked.clear()
        run, made = await lab.queue(MADE[name], seed=5)
        await cut(lab, run, made, committed)
        kept = said(await lab.store.steps(run.id))
        assert committed <= len(kept) and kept.items() <= steps.items()
        before = len(asked)
        again = await lab.play(await lab.store.run(run.id), made)
        assert said(await lab.store.steps(run.id)) == steps
        assert again.run.outcome is not None and whole.run.outcome is not None
        assert again.run.outcome.values == whole.run.outcome.values
        assert again.run.usage == whole.run.usage
        # What was under way at the cut is asked anew, what was on record is not.
        open_then = len(asked[:before]) - sum(1 for one in kept if steps[one][0])
        assert name == "form" or len(asked) == len(expected) + open_then
        assert {*asked} == {*expected}


async def test_a_game_cut_many_times_over_ends_the_same(lab: Lab) -> None:
    counted(lab)
    whole, made = await lab.queue(telephone(generations=9), seed=8)
    await lab.play(whole, made)
    run, made = await lab.queue(telephone(generations=9), seed=8)
    for committed in (1, 3, 2, 7, 1):
        await cut(lab, await lab.store.run(run.id), made, committed)
    assert (await lab.play(await lab.store.run(run.id), made)).run.status == "completed"
    assert said(await lab.store.steps(run.id)) == said(await lab.store.steps(whole.id))
    found = await verify_run(
        await lab.store.run(run.id), KIND, made, store=lab.store, clock=lab.clock,
        backends=lab.pool,
    )  # fmt: skip
    assert found.problems == [] and found.replayed == found.steps == 4 * 10


async def test_seeds_and_repetitions_tell_chains_apart(lab: Lab) -> None:
    counted(lab)
    texts = []
    for seed in (1, 1, 2):
        run, made = await lab.queue(telephone(), seed=seed)
        await lab.play(run, made)
        texts.append([one.texts for one in chains_of(run, made, await lab.store.steps(run.id))])
    assert texts[0] == texts[1]
    assert {*texts[0]}.isdisjoint(texts[2]) and len({*texts[0]}) == 4


@pytest.mark.parametrize("error", [BackendError, ContextOverflowError])
async def test_chains_that_stop_leave_the_others_and_a_resumed_run_begins_with_them(
    lab: Lab, error: type[BackendError]
) -> None:
    broken = counted(lab) == []
    inner = lab.pool.backends["scripted/test"]

    class Picky:
        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def generate(self, request: GenerateRequest) -> Any:
            if broken and request.seed % 8 == 0:
                raise error("There is no room.", remedy="Make room.")
            return inner.generate(request)

    lab.pool.backends["scripted/test"] = Picky()
    made = telephone(chains=10, generations=6)
    run, made = await lab.queue(made, seed=3)
    failed = await lab.play(run, made)
    chains = chains_of(run, made, await lab.store.steps(run.id))
    stopped = [n for n, one in enumerate(chains, 1) if not one.is_complete]
    assert failed.run.status == "failed" and 2 < len(stopped) < 20
    first = stopped[0]
    assert type(failed.problem) is error and failed.problem.remedy == "Make room."
    assert failed.problem.message == (
        f"Chain {first} of 20 ({chains[first - 1].text!r}, number {(first - 1) % 10 + 1}) stopped "
        f"in generation {chains[first - 1].generations + 1}, and so did {len(stopped) - 1} more: "
        "There is no room."
    )
    broken, lab.events = False, []
    kept = said(await lab.store.steps(run.id))
    again = await lab.play(await lab.store.run(run.id), made)
    assert again.run.status == "completed"
    assert kept.items() <= said(await lab.store.steps(run.id)).items()
    turns = [event.scope for event in lab.events if isinstance(event, TurnStarted)]
    assert turns[0] == f"main/chain-{first:04d}"
    assert {*turns} == {f"main/chain-{n:04d}" for n in stopped}


@pytest.mark.parametrize("error", [ModelAccessError, BackendUnavailableError])
async def test_what_every_chain_would_meet_ends_the_run_at_once(
    lab: Lab, error: type[SimulatorError]
) -> None:
    lab.kind, asked = KIND, 0

    def script(request: GenerateRequest) -> str:
        nonlocal asked
        asked += 1
        raise error("Nobody is there.")

    lab.pool.script(script)
    run, made = await lab.queue(telephone(chains=50, generations=9))
    failed = await lab.play(run, made)
    assert failed.run.status == "failed" and type(failed.problem) is error
    assert failed.problem.message == "Nobody is there.", "it is of no chain"
    assert asked < 1000


async def test_a_stopped_agent_stops_its_network_alone(lab: Lab) -> None:
    lab.kind, broken = KIND, True

    def script(request: GenerateRequest) -> str:
        if broken and "one\ntwo" in shown(request) and "Third." in shown(request):
            raise BackendError("Refused.")
        return "said"

    lab.pool.script(script)
    made = telephone(network=RING, personalities=["First.", "Second.", "Third."], chains=1)
    run, made = await lab.queue(made)
    failed = await lab.play(run, made)
    assert failed.problem is not None and failed.problem.message.startswith("Chain 1 of 2 ('a'")
    complete = [one.text for one in chains_of(run, made, await lab.store.steps(run.id))
                if one.is_complete]  # fmt: skip
    assert complete == ["b"] * 3
    broken = False
    assert (await lab.play(await lab.store.run(run.id), made)).run.status == "completed"


DESIGN = """kind: telephone
name: To be killed
texts: [{name: a, text: It was late.}, {name: b, text: ''}]
chains: 3
generations: 12
model: scripted/babble?token_delay_ms=2
"""


async def test_a_killed_program_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "game.yaml"
    path.write_text(DESIGN)
    program = Program(tmp_path)
    process = program.start("run", str(path), "--seed", "7", "--json")
    assert process.stdout is not None
    lines = (json.loads(line) for line in process.stdout)
    run_id = next(lines)["run_id"]
    while next(lines).get("message", {}).get("day") != 5:
        pass
    process.kill()
    process.communicate()
    resumed = await asyncio.to_thread(program.run, "resume", run_id, "--json")
    assert resumed.returncode == 0, resumed.stderr
    settings = Settings(store=SecretStr(f"sqlite:///{program.database}"), user="ada")
    async with open_services(settings) as services:
        (run,) = await services.store.runs(RunQuery())
        ended = await services.store.steps(run.id)
        design = await services.resolved(run)
        (whole,) = await services.launch(design, {}, seed=7)
        await services.play(whole, listener=lambda event: None)
        expected = await services.store.steps(whole.id)
    assert run.status == "completed" and len(ended) == 6 * 13
    assert said(ended) == said(expected)
