"""What a verb asks of a database that is far away does not grow with what it shows."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.domain.records import Lease
from simulator.process import SystemClock
from simulator.store.opening import open_store
from tests.cli.shell import Shell
from tests.store.examples import a_run, an_experiment

FEW, MANY = 2, 30


class FarShell(Shell):
    """A user whose store is a MongoDB."""

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(Path(__file__).with_name("counted_main.py")), *words]

    def sent(self, *words: str) -> Counter[str]:
        """The commands that the verb sent."""
        self.ok(*words)
        return Counter(Path(self.environment["COMMANDS"]).read_text().splitlines())


@pytest.fixture
def shell(tmp_path: Path, mongo_url: str) -> FarShell:
    shell = FarShell(tmp_path)
    shell.environment |= {
        "SIMULATOR_STORE": mongo_url, "SIMULATOR_USER": "ada", "COMMANDS": str(tmp_path / "sent"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip
    return shell


async def add_experiments(url: str, numbers: range, *, played: bool) -> None:
    """Experiments with a run each."""
    store = await open_store(url)
    now = SystemClock().now()
    for number in numbers:
        await store.add_experiment(an_experiment(f"E{number}", name=f"Talk {number}"))
        await store.add_run(a_run(f"01RUN{number}", f"E{number}"))
        if played:
            lease = Lease("elsewhere:1:1", now + timedelta(hours=1), "bob")
            await store.acquire(f"01RUN{number}", lease, now=now)
    await store.close()


@pytest.mark.parametrize("words", [("--runs", "--json"), ("--playing",), ()])
async def test_a_list_of_many_takes_as_many_commands_as_one_of_a_few(
    shell: FarShell, mongo_url: str, words: tuple[str, ...]
) -> None:
    played = "--playing" in words
    await add_experiments(mongo_url, range(FEW), played=played)
    few = shell.sent("ls", *words)
    await add_experiments(mongo_url, range(FEW, MANY), played=played)
    assert shell.sent("ls", *words) == few
    assert few["find experiments"] <= 1


async def test_a_run_is_found_without_reading_all_experiments(
    shell: FarShell, mongo_url: str
) -> None:
    await add_experiments(mongo_url, range(FEW), played=False)
    sent = shell.sent("show", "01RUN1")
    # Of that name, of that id, and the run's own.
    assert sent["find experiments"] == 3
    assert sent["find runs"] == 1
