"""Who owns a run: this process, a dead one, or somebody elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest

from simulator.domain.models import ModelCard
from simulator.domain.prices import Price
from simulator.domain.records import Provenance
from simulator.process import SystemClock, fresh_id, is_dead, owner_name, provenance

SAY_OWNER = "from simulator.process import owner_name; print(owner_name())"


def test_this_process_lives() -> None:
    assert not is_dead(owner_name())
    assert not is_dead(f"{owner_name()}:1")
    assert f":{os.getpid()}:" in owner_name()


def test_a_process_that_ended_is_dead() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY_OWNER], capture_output=True, text=True, check=True
    )
    assert is_dead(done.stdout.strip())
    assert is_dead(f"{done.stdout.strip()}:1")


def test_a_killed_process_that_nobody_has_waited_for_is_dead() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", f"{SAY_OWNER}; import sys; sys.stdout.flush(); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    owner = process.stdout.readline().strip()
    assert not is_dead(owner)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(owner)
    process.communicate()


def test_another_process_with_the_same_number_is_not_the_owner() -> None:
    machine_and_pid, _, started = owner_name().rpartition(":")
    assert is_dead(f"{machine_and_pid}:{int(started) - 1}")


def test_nothing_is_known_of_other_machines() -> None:
    _, pid, _ = owner_name().split(":")
    assert not is_dead(f"elsewhere-abc123:{pid}:1")
    assert not is_dead("nonsense")


def test_ids_differ_and_times_are_whole_milliseconds() -> None:
    assert len({fresh_id() for _ in range(1000)}) == 1000
    now = SystemClock().now()
    assert now.microsecond % 1000 == 0 and now.tzinfo is not None


@pytest.mark.skipif(sys.platform != "linux", reason="the clock's name is Linux's")
def test_the_time_that_the_machine_sleeps_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    awake_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    real = time.clock_gettime
    slept_s = {time.CLOCK_BOOTTIME: 3600.0}
    monkeypatch.setattr(time, "clock_gettime", lambda clock: real(clock) + slept_s.get(clock, 0))
    assert SystemClock().monotonic() >= awake_s + 3600


def test_ids_are_in_the_order_in_which_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [fresh_id() for _ in range(5_000)]
    monkeypatch.setattr("time.time_ns", lambda: 0)
    made += [fresh_id() for _ in range(10)]
    assert made == sorted(set(made))
    assert len({one[-8:] for one in made}) == len(made)


def test_runs_tell_what_they_are_launched_with() -> None:
    price = Price(input_usd=1.0, output_usd=2.0)
    made_with = provenance([ModelCard("b/x", digest="d1", price=price), ModelCard("a/y")])
    assert [(one.model, one.digest, one.price) for one in made_with.models] == [
        ("a/y", None, None), ("b/x", "d1", price),
    ]  # fmt: skip
    assert made_with.machine is not None and made_with.machine.cores == os.cpu_count()
    assert provenance().models == () and provenance().packages == made_with.packages
    if made_with.commit is not None:  # where the program is a checkout
        assert re.fullmatch("[0-9a-f]{40}(-dirty)?", made_with.commit)


def test_records_from_before_a_part_of_the_provenance_was_kept_are_read() -> None:
    old = {"simulator_version": "0", "python_version": "3", "platform": "x", "packages": {}}
    assert Provenance.model_validate(old).models == ()
