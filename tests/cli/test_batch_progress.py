from __future__ import annotations

import json
from dataclasses import replace

import pytest

from simulator.cli.batch_progress import BatchProgress, progress_text
from simulator.cli.output import Output
from simulator.domain.executions import Progress

HALF = Progress(12, 1, 16, 11, messages_per_s=8.333, left_s=125.0)


def test_a_report_in_words_leaves_out_what_is_not_known() -> None:
    assert progress_text(HALF) == (
        "12 of 40 done · 1 failed · 16 live · 11 waiting · 8.3 messages/s · 2 min left"
    )
    assert progress_text(Progress(waiting=3)) == "0 of 3 done · 0 live · 3 waiting"
    assert "left" not in progress_text(Progress(done=2, left_s=0.0))


def test_without_a_terminal_lines_come_when_much_or_long_passed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    with BatchProgress(Output(), "b", lambda: now) as shown:
        for done in range(100):
            shown.hear(Progress(done=done, waiting=100 - done))
        for second in range(61):
            now = float(second)
            shown.hear(Progress(done=99, live=1))
        shown.hear(Progress(done=100))
    out, err = capsys.readouterr()
    assert out == ""
    told = [int(line.partition(" ")[0]) for line in err.splitlines()]
    assert told == [*range(0, 100, 5), 99, 99, 100]


def test_json_has_every_report_that_differs(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output()
    output.json = True
    with BatchProgress(output, "b") as shown:
        for report in (HALF, HALF, replace(HALF, done=13)):
            shown.hear(report)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["done"] for event in events] == [12, 13]
    assert events[0] == {
        "type": "batch_progress", "batch_id": "b", "done": 12, "failed": 1, "live": 16,
        "waiting": 11, "elsewhere": 0, "cancelled": 0, "messages_per_s": 8.333, "left_s": 125.0,
    }  # fmt: skip
