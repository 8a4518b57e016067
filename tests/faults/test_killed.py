"""Processes that are killed: nothing acknowledged is lost, and a resumed run ends the same."""

from __future__ import annotations

import subprocess
import time
from random import Random

import pytest

from tests.faults.programs import Program, lines_of


def acknowledged(lines: list[dict[str, object]]) -> list[tuple[object, ...]]:
    keys = ("scope", "index", "day", "speaker", "role", "content")
    return [
        tuple(line["message"][key] for key in keys)  # type: ignore[index]
        for line in lines
        if line.get("type") == "step_committed"
    ]


@pytest.mark.parametrize(
    ("launch", "kills"),
    [
        (["run", "prison", "--model", "scripted/babble?token_delay_ms=2", "--messages", "12"], 6),
        (["run", "prison", "--messages", "16"], 2),
    ],
    ids=["scripted", "pocket"],
)
def test_a_run_killed_at_any_instant_and_resumed_ends_the_same(
    program: Program, launch: list[str], kills: int
) -> None:
    rng = Random(20)
    began = time.perf_counter()
    whole = program.start(*launch, "--seed", "7", "--json")
    out, err = whole.communicate()
    seconds = time.perf_counter() - began
    assert whole.returncode == 0, err
    expected = program.transcript(lines_of(out)[0]["run_id"])
    assert len(expected) > 12

    run_id, killed, finished = None, 0, 0
    while killed < kills or finished == 0:
        arguments = ["resume", run_id] if run_id else [*launch, "--seed", "7"]
        began = time.perf_counter()
        process = program.start(*arguments, "--json")
        try:
            patience = rng.uniform(0.0, 0.95) * seconds if killed < kills else 60.0
            out, err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            killed += 1
        else:
            assert process.returncode == 0, err
            finished += 1
            seconds = min(seconds, time.perf_counter() - began)
        lines = lines_of(out)
        if run_id is None and lines:
            run_id = str(lines[0]["run_id"])
        if run_id is None:
            continue
        kept = program.transcript(run_id)
        assert kept == expected[: len(kept)]
        assert set(acknowledged(lines)) <= set(kept), "an acknowledged step was lost"
        if process.returncode == 0:
            assert kept == expected
            assert program.run("verify", run_id).returncode == 0
            run_id = None
    assert killed >= kills
