from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.cli.limit_options import limit_words, limits_of
from simulator.cli.output import Output
from simulator.cli.voices import Printer
from simulator.domain.events import PromptTruncated
from simulator.domain.journal import Call, Step, Usage
from simulator.domain.sampling import Sampling
from simulator.engine.limits import Budget, Limits
from simulator.presentation.notices import truncation_text
from simulator.presentation.tally import Tally
from simulator.presentation.usage import money_text, usage_by_agent, usage_in_full, usage_text
from simulator.settings import Settings
from tests.cli.shell import Shell

MODEL = "scripted/babble"
PRICES = '[scripted]\n"babble" = { input_usd = 100, output_usd = 300 }\n'
TALK = ["-m", MODEL, "--messages", "8", "--days", "1", "-s", "7", "--max-tokens", "8"]


@pytest.fixture
def priced(shell: Shell) -> Shell:
    """A shell whose user has priced the scripted model."""
    file = shell.folder / "prices.toml"
    file.write_text(PRICES, encoding="utf-8")
    shell.environment["SIMULATOR_PRICES"] = str(file)
    return shell


def spent(run: Mapping[str, Any]) -> float:
    usage = run["usage"]
    return float(usage["prompt_tokens"] * 100 + usage["completion_tokens"] * 300) / 1e6


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("cost_usd", "unpriced", "words"),
    [
        (0.0, 0, ""),
        (0.00001, 0, "under $0.0001"),
        (0.0001, 0, "$0.0001"),
        (0.0123, 0, "$0.0123"),
        (0.02, 0, "$0.02"),
        (0.5, 0, "$0.50"),
        (0.99999, 0, "$1.00"),
        (1234.5, 0, "$1,234.50"),
        (0.0, 3, "price unknown"),
        (0.02, 3, "$0.02 and 3 calls of unknown price"),
        (0.02, 1, "$0.02 and 1 call of unknown price"),
    ],
)
def test_money_in_words(cost_usd: float, unpriced: int, words: str) -> None:
    assert money_text(Usage(cost_usd=cost_usd, unpriced_calls=unpriced)) == words


def test_usage_in_words() -> None:
    usage = Usage(
        calls=6, prompt_tokens=1000, cached_tokens=200, completion_tokens=234,
        reasoning_tokens=34, cost_usd=0.0123,
    )  # fmt: skip
    assert usage_text(usage) == "1,234 tokens, $0.0123"
    assert usage_in_full(usage) == (
        "6 calls, 1,000 tokens in (200 cached), 234 out (34 reasoning), $0.0123"
    )
    free = Usage(calls=1, prompt_tokens=10, completion_tokens=2)
    assert (usage_text(free), usage_in_full(free)) == ("12 tokens", "1 call, 10 tokens in, 2 out")


def test_a_truncated_prompt_is_told_with_what_was_read() -> None:
    event = PromptTruncated("R", "main", "Ada", "ollama/llama3", 2048, 2048)
    assert truncation_text(event) == (
        "Ada: the server of ollama/llama3 did not keep all of the prompt: it read 2,048 tokens, "
        "with room for 2,048"
    )


def said(speaker: str = "Ada", model: str = "lab/llama", **call: Any) -> Step:
    fields: dict[str, Any] = {
        "model": model, "sampling": Sampling(), "seed": 1, "raw": "Hi", "stop_reason": "stop",
        "usage": Usage(calls=1, prompt_tokens=10, completion_tokens=5),
    }  # fmt: skip
    return Step(
        run_id="R", scope="main", index=0, position=0, kind="ask", prompt_hash="0", role="guard",
        speaker=speaker, content="Hi", day=1, call=Call(**(fields | call)),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("call", "head"),
    [
        ({}, "Ada: Hi"),
        ({"prompt_truncated": True}, "Ada (prompt truncated): Hi"),
        ({"stop_reason": "refusal"}, "Ada (refused): Hi"),
        ({"stop_reason": "content_filter"}, "Ada (withheld by the provider): Hi"),
        ({"from_cache": True, "prompt_truncated": True}, "Ada (prompt truncated, from a record)"),
        (
            {"stop_reason": "length", "sampling": Sampling(max_tokens=5)},
            "Ada (cut at 5 tokens): Hi",
        ),
        ({"stop_reason": "length", "sampling": Sampling(max_tokens=80)}, "Ada (cut off): Hi"),
        ({"stop_reason": "length"}, "Ada (cut off): Hi"),
        ({"stop_reason": "length", "raw": "Hi Bob: Hello"}, "Ada: Hi"),
    ],
)
def test_a_message_says_what_happened_to_it(
    capsys: pytest.CaptureFixture[str], call: dict[str, Any], head: str
) -> None:
    Printer(Output(), []).message(said(**call))
    assert capsys.readouterr().out.startswith(f"[day 1] {head}")


def test_an_empty_reply_says_when_its_tokens_were_used_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call: dict[str, Any] = {"raw": "", "stop_reason": "length", "sampling": Sampling(max_tokens=5)}
    empty = said(**call).model_copy(update={"content": ""})
    Printer(Output(), []).message(empty)
    assert capsys.readouterr().out == "[day 1] Ada (used up 5 tokens before it spoke): (nothing)\n"
    assert str(Tally([empty, said(stop_reason="refusal"), empty])) == "2 empty replies, 1 refusal"


def test_reasoning_is_shown_to_those_who_ask(capsys: pytest.CaptureFixture[str]) -> None:
    step = said(reasoning="Should I?\nYes.\x1b[2J")
    Printer(Output(), []).message(step)
    assert "Should I?" not in capsys.readouterr().out
    Printer(Output(), [], reasoning=True).message(step)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["    thought before it spoke: Should I?", "    Yes.\u241b[2J"]


def test_usage_is_summed_by_agent_and_model() -> None:
    steps = [said("Ada"), said("Bob"), said("Ada"), said("Ada", "lab/other")]
    rows = usage_by_agent(steps)
    assert [(row.agent, row.model, row.usage.calls) for row in rows] == [
        ("Ada", "lab/llama", 2), ("Bob", "lab/llama", 1), ("Ada", "lab/other", 1),
    ]  # fmt: skip


# ---------------------------------------------------------------- limits


def test_options_go_before_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SIMULATOR_COST_LIMIT", "SIMULATOR_TOKEN_LIMIT"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(cost_limit=2.0, token_limit=1000)
    assert limits_of(settings, None, None) == Limits(1000, 2.0)
    assert limits_of(settings, 0.5, 10) == Limits(10, 0.5)
    assert limits_of(Settings(), None, None) is None
    assert limits_of(Settings(), 0.0, None) == Limits(None, 0.0)


def test_limits_are_set_again_and_lifted_where_they_were_met() -> None:
    budget = Budget(Limits(tokens=5, cost_usd=0.00001))
    assert limit_words(budget) == ["--cost-limit", "0.00001", "--token-limit", "5"]
    budget.needed = Limits(tokens=40)
    assert limit_words(budget) == ["--cost-limit", "0.00001", "--token-limit", "80"]
    assert limit_words(Budget(Limits())) == []


def pasted(shell: Shell, text: str) -> list[str]:
    """The words of the command that goes on, after the program's name."""
    (line,) = (line for line in text.splitlines() if " resume " in line)
    return line.split()[2:]


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_run_stops_before_its_money_is_used_up_and_goes_on_with_more(
    priced: Shell, by_environment: bool
) -> None:
    whole = priced.ok("run", "prison", *TALK).splitlines()
    limit = {"SIMULATOR_COST_LIMIT": "0.02"} if by_environment else {}
    option = [] if by_environment else ["--cost-limit", "0.02"]
    done = priced.run("run", "prison", *TALK, *option, env=limit)
    assert done.returncode == 1
    run = priced.data("show", "last")["run"]
    assert run["status"] == "paused"
    assert 0.0 < run["usage"]["cost_usd"] <= 0.02
    assert run["usage"]["cost_usd"] == pytest.approx(spent(run))
    assert "Error: Stopped before the limit of $0.02" in done.stderr
    assert re.search(rf"Used: \d+ tokens, \{money_text(Usage(**run['usage']))}\.", done.stderr)
    again = pasted(priced, done.stderr)
    assert again[:3] == ["resume", run["id"], "--cost-limit"]
    resumed = priced.run(*again, env=limit)
    while resumed.returncode == 1:
        again = pasted(priced, resumed.stderr)
        resumed = priced.run(*again, env=limit)
    assert resumed.returncode == 0, resumed.stderr
    words = [message["content"] for message in priced.data("show", "last")["messages"]]
    assert [line.partition(": ")[2] for line in whole] == words


def test_a_limit_of_tokens_holds_for_all_runs_of_a_command(shell: Shell) -> None:
    done = shell.run("run", "prison", *TALK, "--repeat", "4", "--token-limit", "300", "--json")
    assert done.returncode == 1
    ends = [json.loads(line) for line in done.stdout.splitlines()][-4:]
    used = sum(e["usage"]["prompt_tokens"] + e["usage"]["completion_tokens"] for e in ends)
    assert 0 < used <= 300
    stopped = [end for end in ends if end["status"] == "paused"]
    assert stopped
    for end in stopped:
        assert end["code"] == "limit_reached"
        assert end["error"].startswith("Stopped before the limit of 300 tokens: ")
        assert f"resume {end['run_id']} --token-limit " in end["resume"]
    shown = shell.run("run", "prison", *TALK, "--repeat", "4", "--token-limit", "300")
    assert shown.stderr.count("Error: Stopped before the limit of 300 tokens") == 1
    assert " --token-limit " in shown.stderr


def test_a_limit_on_a_model_of_unknown_price_is_refused_before_anything_is_stored(
    shell: Shell,
) -> None:
    env = {"OPENAI_API_KEY": "sk-not-a-key"}
    words = ["-m", "guard=openai/gpt-nobody-listed", "-m", "pocket", "--cost-limit", "1"]
    done = shell.run("run", "prison", *words, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the price of openai/gpt-nobody-listed is not known" in done.stderr
    assert '[openai] and below it "gpt-nobody-listed" = { input_usd' in done.stderr
    assert "sk-not-a-key" not in done.stderr
    assert shell.data("ls") == [] and shell.data("ls", "--runs") == []


def test_a_fork_under_a_limit_that_cannot_hold_is_refused_too(priced: Shell) -> None:
    priced.ok("run", "prison", *TALK)
    done = priced.run("fork", "last", "--at", "3", "--cost-limit", "0.0001")
    assert done.returncode == 1
    assert "Stopped before the limit of $0.0001" in done.stderr
    forked = priced.data("show", "last")["run"]
    assert (forked["status"], forked["usage"]["calls"]) == ("paused", 3)


@pytest.mark.parametrize(
    "option",
    [
        *(["--cost-limit", word] for word in ("-1", "0", "nan", "inf", "x")),
        *(["--token-limit", word] for word in ("-1", "0", "x")),
    ],
)
def test_a_limit_must_be_a_number_above_zero(shell: Shell, option: list[str]) -> None:
    code, error = shell.error("run", "prison", "-m", MODEL, *option)
    assert code == 2 and option[0] in error["message"]


@pytest.mark.parametrize("name", ["SIMULATOR_COST_LIMIT", "SIMULATOR_TOKEN_LIMIT"])
def test_a_limit_of_the_settings_must_be_above_zero_too(shell: Shell, name: str) -> None:
    shell.environment[name] = "0"
    code, error = shell.error("run", "prison", "-m", MODEL)
    assert code == 2 and error["message"].startswith(f"{name}: ")


def test_a_faulty_prices_file_is_named(priced: Shell) -> None:
    file = Path(priced.environment["SIMULATOR_PRICES"])
    file.write_text('[scripted]\n"babble" = { input_usd = "cheap" }\n', encoding="utf-8")
    code, error = priced.error("run", "prison", *TALK)
    assert code == 2
    assert str(file) in error["message"] and 'scripted."babble".input_usd' in error["message"]


# ---------------------------------------------------------------- where people look


def test_tokens_and_money_are_shown_where_people_look(priced: Shell) -> None:
    done = priced.run("run", "prison", *TALK)
    shown = priced.data("show", "last")
    run = shown["run"]
    money = money_text(Usage(**run["usage"]))
    assert money.startswith("$0.0")
    assert done.stderr.splitlines()[1] == (
        "Completed: 8 messages were spoken; 7 cut replies. "
        f"Used: {usage_text(Usage(**run['usage']))}. Read it with:"
    )
    assert "beware     7 cut replies" in priced.ok("show", "last").splitlines()
    assert f"used       {usage_in_full(Usage(**run['usage']))}" in priced.ok("show", "last")
    header, row = priced.ok("ls", "--runs").splitlines()
    assert "TOKENS" in header and "COST" in header and money in row
    agents = shown["usage_by_agent"]
    assert sum(agent["usage"]["cost_usd"] for agent in agents) == pytest.approx(spent(run))
    table = priced.ok("show", "last", "--usage").splitlines()[-1 - len(agents) :]
    assert table[0].split() == [
        "AGENT", "MODEL", "CALLS", "IN", "CACHED", "OUT", "REASONING", "COST",
    ]  # fmt: skip
    assert [line.split()[0] for line in table[1:]] == [agent["agent"] for agent in agents]
    rows = list(csv.DictReader(io.StringIO(priced.ok("export", "last", "-f", "csv"))))
    assert sum(float(row["cost_usd"] or 0) for row in rows) == pytest.approx(spent(run))
    assert {row["from_cache"] for row in rows} == {"", "false"}


def test_a_batch_ends_with_its_total(priced: Shell) -> None:
    done = priced.run("run", "prison", *TALK, "--repeat", "3")
    runs = priced.data("ls", "--runs")
    total = Usage.total(Usage(**run["usage"]) for run in runs)
    assert total.cost_usd == pytest.approx(sum(spent(run) for run in runs))
    assert f"All 3 runs are completed; 17 cut replies. Used: {usage_text(total)}." in done.stderr


def test_a_fork_that_nobody_played_shows_what_its_steps_took(priced: Shell) -> None:
    priced.ok("run", "prison", *TALK)
    parent = priced.data("show", "last")
    priced.ok("fork", "last", "--at", "2", "--no-play")
    taken = [message["call"]["usage"] for message in parent["messages"][1:3]]
    used = Usage.total(Usage(**usage) for usage in taken)
    assert f"used       {usage_in_full(used)}" in priced.ok("show", "last")


def test_free_models_say_nothing_of_money(shell: Shell) -> None:
    done = shell.run("run", "prison", *TALK)
    assert "$" not in done.stdout + done.stderr
    assert "COST" not in shell.ok("ls", "--runs")
    assert "$" not in shell.ok("show", "last")


def test_the_terminal_counts_money_while_a_run_plays(priced: Shell) -> None:
    slow = ["-m", f"{MODEL}?token_delay_ms=30", "--messages", "4", "--days", "1", "-s", "7"]
    Path(priced.environment["SIMULATOR_PRICES"]).write_text(
        PRICES.replace('"babble"', '"babble*"'), encoding="utf-8"
    )
    with priced.terminal("run", "prison", *slow, columns=120) as screen:
        screen.expect(" tokens, $0.0")
        assert screen.end() == 0
