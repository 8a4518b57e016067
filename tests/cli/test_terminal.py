from __future__ import annotations

import re

import pytest

from tests.cli.shell import Shell

SLOW = "scripted/babble?token_delay_ms=30"
TWO = ["--messages", "2", "--days", "1"]


def test_a_run_streams_below_its_finished_messages(shell: Shell) -> None:
    with shell.terminal("run", "prison", "-m", SLOW, "--messages", "4", "--seed", "3") as screen:
        screen.expect("condition  goal=escape")
        screen.expect("Day 1 ──")
        at = screen.expect("turn 1/4 · Guard_419")
        screen.expect("tokens/s", after=at)
        screen.expect("Day 2 ──", after=at)
        assert screen.end() == 0
        messages = shell.data("show", "last")["messages"]
        for message in messages:
            first = " ".join(message["content"].splitlines()[0].split()[:4])
            assert f"{message['speaker']}: {first}" in screen.text
        assert "Completed: 4 messages were spoken." in screen.text
        assert b"\x1b[?25h" in screen.raw[screen.raw.rindex(b"\x1b[?25l") :]
        colours = {
            role: set(re.findall(rf"\x1b\[1;(\d+)m{role}_".encode(), screen.raw))
            for role in ("Guard", "Prisoner")
        }
        assert colours["Guard"] == {b"36"}
        assert colours["Prisoner"] == {b"32"}


@pytest.mark.parametrize("when", ["Day 1", "turn 1/40", "turn 3/40", "Summarizer"])
def test_ctrl_c_pauses_at_any_moment(shell: Shell, when: str) -> None:
    words = ["run", "prison", "-m", SLOW, "--messages", "40", "--days", "10"]
    with shell.terminal(*words) as screen:
        screen.expect(when)
        screen.type("\x03\x03")
        assert screen.end() == 130
        run = shell.data("show", "last")["run"]
        assert run["status"] == "paused"
        assert "The run is paused." in screen.text
        assert f"resume {run['id']}" in screen.text
        assert "Traceback" not in screen.text
        assert screen.raw.rindex(b"\x1b[?25h") > screen.raw.rindex(b"\x1b[?25l")


def test_retries_and_fallbacks_are_shown(shell: Shell) -> None:
    model = "scripted/babble?fail_first=1&fail_with=rate_limit"
    with shell.terminal("run", "prison", "-m", model, *TWO, "--speaker", "auto") as screen:
        assert screen.end() == 0
        told = " ".join(screen.text.split())
        assert re.search(r"as it was told to; asking again in 0\.\d s \(attempt 2\)", told)
        assert "Selector named nobody clearly" in screen.text


def test_hostile_words_do_not_steer_the_terminal(shell: Shell) -> None:
    with shell.terminal("run", "prison", "-m", "scripted/hostile", *TWO, columns=200) as screen:
        assert screen.end() == 0
        run_raw, run_text = screen.raw, screen.text
    with shell.terminal("show", "last", "--raw", columns=200) as screen:
        assert screen.end() == 0
        show_raw, show_text = screen.raw, screen.text
    for raw, text in ((run_raw, run_text), (show_raw, show_text)):
        assert b"\x1b[2J" not in raw
        assert b"\x1b[31m" not in raw
        assert b"\x07" not in raw
        assert b"\x00" not in raw
        assert "\u202e".encode() not in raw
        assert "␛[2J␛[31mred␛[0m [bold red]not bold[/] [/nothing]" in text


def test_a_reply_larger_than_the_screen_leaves_it_in_order(shell: Shell) -> None:
    with shell.terminal("run", "prison", "-m", "scripted/flood", *TWO) as screen:
        assert screen.end() == 0
        assert screen.text.count("blah") >= 2 * 262_144
        assert screen.text.rstrip().splitlines()[-2].startswith("Completed")


def test_a_long_stream_never_draws_more_than_the_screen(shell: Shell) -> None:
    words = "%0A".join(f"w{number:03d}" for number in range(80))
    model = f"scripted/say?text={words}&token_delay_ms=15"
    with shell.terminal("run", "prison", "-m", model, *TWO, rows=8, columns=40) as screen:
        screen.expect("turn 2/2")
        assert screen.end() == 0
        frames = screen.raw.split(b"\r\x1b[2K")
        ups = [frame.count(b"\x1b[1A") for frame in frames]
        assert max(ups) < 8
        assert any(b"w070" in frame and b"turn 1/2" in frame for frame in frames)
        assert "Traceback" not in screen.text


def test_many_runs_are_shown_in_lines(shell: Shell) -> None:
    with shell.terminal("run", "prison", "-m", SLOW, *TWO, "--repeat", "12", rows=10) as screen:
        screen.expect("12 playing · 0 waiting")
        assert screen.end() == 0
        assert len(re.findall(r"completed 0\w{25}", screen.text)) == 12
        assert "All 12 runs are completed." in screen.text


def test_somebody_chooses_the_speakers(shell: Shell) -> None:
    words = ["run", "jury", "-m", "scripted/say?text=Yes", "--speaker", "manual", "--seed", "1",
             "--messages", "4", "--days", "1"]  # fmt: skip
    with shell.terminal(*words) as screen:
        at = screen.expect("q stops] ")
        names = re.findall(r"\d\. (\w+)", screen.text)
        screen.type("\r")
        at = screen.expect("q stops] ", after=at)
        screen.type("nobody\r")
        at = screen.expect("Type a number or a name", after=at)
        at = screen.expect("q stops] ", after=at)
        screen.type(f"{names[3].lower()}\r")
        at = screen.expect("q stops] ", after=at)
        screen.type("1\r")
        at = screen.expect("q stops] ", after=at)
        screen.type("q\r")
        assert screen.end() == 130
        assert "The run was stopped." in screen.text
    shown = shell.data("show", "last")
    spoken = [message["speaker"] for message in shown["messages"][1:]]
    assert spoken == [names[0], names[3], names[0]]
    assert shown["run"]["status"] == "cancelled"
    with shell.terminal("resume", "last") as screen:
        at = screen.expect("q stops] ")
        assert f"[{names[1]}; q stops]" in screen.text
        screen.type("\r")
        assert screen.end() == 0
    assert shell.data("show", "last")["messages"][-1]["speaker"] == names[1]


def test_resuming_shows_where_the_run_stopped(shell: Shell) -> None:
    words = ["run", "prison", "-m", "scripted/babble", "--messages", "9", "--days", "1"]
    shell.ok(*words)
    shell.ok("fork", "last", "--at", "7", "--no-play")
    with shell.terminal("resume", "last") as screen:
        assert screen.end() == 0
        assert "length     9 messages" in screen.text
        before, _, after = screen.text.partition("8 steps taken over")
        assert "… 3 messages before these" in before
        messages = shell.data("show", "last")["messages"]
        starts = [f"{m['speaker']}: {' '.join(m['content'].split()[:3])}" for m in messages]
        assert [start in " ".join(before.split()) for start in starts] == [
            3 <= number < 8 for number in range(10)
        ]
        assert starts[8] in " ".join(after.split())


def test_ctrl_c_while_choosing(shell: Shell) -> None:
    words = ["run", "jury", "-m", "scripted/echo", "--speaker", "manual"]
    with shell.terminal(*words) as screen:
        screen.expect("q stops] ")
        screen.type("\x03")
        assert screen.end() == 130
    assert shell.data("show", "last")["run"]["status"] == "paused"


def test_end_of_input_while_choosing_stops_the_run(shell: Shell) -> None:
    words = ["run", "jury", "-m", "scripted/echo", "--speaker", "manual"]
    with shell.terminal(*words) as screen:
        screen.expect("q stops] ")
        screen.type("\x04")
        assert screen.end() == 130
    assert shell.data("show", "last")["run"]["status"] == "cancelled"


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 1, 1), ("", 1, 1), ("yes", 0, 0)])
def test_deleting_asks(shell: Shell, answer: str, code: int, left: int) -> None:
    shell.short_run()
    with shell.terminal("delete", "Prison") as screen:
        screen.expect("with its only run for good? [y/N] ")
        screen.type(f"{answer}\r")
        assert screen.end() == code
    assert len(shell.data("ls")) == left


def test_tables_fit_the_terminal_and_their_ids_can_be_typed(shell: Shell) -> None:
    run_id = shell.short_run()["run"]["id"]
    with shell.terminal("ls", "--runs") as screen:
        assert screen.end() == 0
        assert run_id[-8:] in screen.text
        assert max(len(line.rstrip()) for line in screen.text.splitlines()) <= 80
    assert shell.data("show", run_id[-8:])["run"]["id"] == run_id


def test_colours_can_be_switched_off(shell: Shell) -> None:
    shell.short_run()
    shell.environment["NO_COLOR"] = "1"
    with shell.terminal("show", "last") as screen:
        assert screen.end() == 0
        assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", screen.raw)


def test_a_dumb_terminal_gets_plain_lines(shell: Shell) -> None:
    shell.environment["TERM"] = "dumb"
    with shell.terminal("run", "prison", "-m", "scripted/babble", *TWO) as screen:
        assert screen.end() == 0
        assert b"\x1b" not in screen.raw
        assert "[day 1] Researcher: Start the experiment." in screen.text
