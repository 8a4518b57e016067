"""Plain records for the tests of the store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.domain.batches import Batch
from simulator.domain.journal import Call, Step, Usage
from simulator.domain.records import Agent, Experiment, Lease, Provenance, Run
from simulator.domain.sampling import Sampling

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def an_experiment(id_: str = "E1", **changes: Any) -> Experiment:
    fields: dict[str, Any] = {
        "id": id_,
        "name": "Prison",
        "kind": "conversation",
        "design": {"days": 2, "roles": [{"name": "guard", "count": 1}], "ratio": 1.0, "x": None},
        "design_hash": "d" * 64,
        "creator": "ada",
        "created_at": NOON,
    }
    return Experiment(**(fields | changes))


def a_run(id_: str = "R1", experiment_id: str = "E1", **changes: Any) -> Run:
    fields: dict[str, Any] = {
        "id": id_,
        "experiment_id": experiment_id,
        "kind": "conversation",
        "design_hash": "d" * 64,
        "parameters": {"days": 3},
        "seed": 2**63 + 5,
        "agents": (
            Agent(
                name="Guard 1",
                role="guard",
                number=1,
                model="scripted/echo",
                sampling=Sampling(temperature=0.7, stop=("END",)),
                system_prompt="You are a guard.",
            ),
        ),
        "provenance": Provenance(
            simulator_version="0.1.0",
            python_version="3.11.7",
            platform="Linux",
            packages={"pydantic": "2.10"},
        ),
        "creator": "ada",
        "created_at": NOON,
    }
    return Run(**(fields | changes))


def a_batch(id_: str = "B1", experiment_id: str = "E1", **changes: Any) -> Batch:
    fields: dict[str, Any] = {
        "id": id_,
        "experiment_id": experiment_id,
        "name": "Prison by days",
        "specification": {"axes": [{"name": "days", "values": [1, 2]}], "repeat": 2},
        "specification_hash": "s" * 64,
        "creator": "ada",
        "created_at": NOON,
    }
    return Batch(**(fields | changes))


def a_step(index: int = 0, run_id: str = "R1", **changes: Any) -> Step:
    fields: dict[str, Any] = {
        "run_id": run_id,
        "scope": "main",
        "index": index,
        "position": index,
        "kind": "ask",
        "prompt_hash": "p" * 64,
        "speaker": "Guard 1",
        "role": "guard",
        "content": f"Line {index}",
        "day": 1,
        "call": Call(
            model="scripted/echo",
            model_digest="sha256:1",
            sampling=Sampling(temperature=0.7),
            seed=17,
            raw=f" Line {index} ",
            stop_reason="stop",
            usage=Usage(calls=1, prompt_tokens=20, completion_tokens=5, model_s=0.25),
        ),
        "created_at": at(index),
    }
    return Step(**(fields | changes))


def a_lease(owner: str = "host-1", expires_in_s: float = 30) -> Lease:
    return Lease(owner=owner, expires_at=at(expires_in_s))
