"""The app in a real terminal: first frame, answers to keys while runs stream, and memory."""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from pydantic import SecretStr

from benchmarks.tables import Row, show
from benchmarks.terminal import Terminal, terminal
from screens.app import SimulatorApp
from screens.laboratory import Laboratory
from screens.start import collecting_little
from simulator.kinds.conversation.design import ConversationDesign
from simulator.live_runs import LiveRuns
from simulator.services import open_catalogue, open_services
from simulator.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
FIRST_PAINT_S = 0.8
STARTS = 7
EXPERIMENT = "Measured-experiment"

RUNS = 20
TOKEN_DELAY_MS = 10
"""100 tokens/s for each run."""
KEYS = 200
KEY_MS = 50.0
_SCRIPTS = ((0x410, 0x450), (0x561, 0x587), (0x10D0, 0x10FB), (0x3B1, 0x3CA), (0x48A, 0x4C0))
LETTERS = [chr(code) for first, end in _SCRIPTS for code in range(first, end)]
"""Letters that no model here says, each typed once, since a field is drawn again as a whole."""

WARM_TOKENS, MORE_TOKENS = 1_000_000, 1_000_000
GROWTH_MB = 2.0


def design(token_delay_ms: float) -> ConversationDesign:
    """A conversation without an end, whose days are short, so that its own memory stays small."""
    words = "+".join(f"word{number % 7}" for number in range(60))
    return ConversationDesign.model_validate(
        {
            "name": EXPERIMENT,
            "starting_message": "Begin.",
            "messages": 5_000,
            "days": 500,
            "memory": "none",
            "model": f"scripted/say?text={words}&token_delay_ms={token_delay_ms}",
            "roles": [
                {"name": "guard", "starting_prompt": "You are a guard."},
                {"name": "prisoner", "starting_prompt": "You are a prisoner."},
            ],
        }
    )


# ---------------------------------------------------------------- the measured program


async def streaming_app(store: str, token_delay_ms: float, report: Path) -> None:
    """The app with runs that stream, which notes its memory and their tokens twice a second."""
    settings = Settings(store=SecretStr(store), user="bench", max_live_runs=RUNS)
    async with (
        open_services(settings) as services,
        open_catalogue(settings) as catalogue,
        LiveRuns(services) as live,
    ):
        app = SimulatorApp(Laboratory(services, catalogue, live))
        runs = await services.launch(design(token_delay_ms), {}, seed=1, repeat=RUNS)
        await live.start(runs)

        async def note() -> None:
            process = psutil.Process()
            while True:
                tokens = sum(one.usage.completion_tokens for one in live.runs.values())
                noted = {"tokens": tokens, "mb": process.memory_info().rss / 1e6}
                with report.open("a") as file:
                    file.write(f"{json.dumps(noted)}\n")
                await asyncio.sleep(0.5)

        noting = asyncio.create_task(note())
        with collecting_little():
            await app.run_async()
        noting.cancel()


# ---------------------------------------------------------------- measuring it


def environment(folder: Path) -> dict[str, str]:
    """That of a user without settings of their own."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    return kept | {
        "HOME": str(folder), "TERM": "xterm-256color", "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


async def fill(store: str) -> None:
    """Put an experiment into a store."""
    settings = Settings(store=SecretStr(store), user="bench")
    async with open_services(settings) as services:
        await services.save_design(design(0))


def first_paint_s() -> tuple[float, float]:
    """Seconds from the start of the program to a frame with the experiments, and of CPU; medians.

    The first start is left out: it compiles what was changed.
    """
    times, cpu = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = f"sqlite:///{folder / 'bench.db'}"
        asyncio.run(fill(store))
        command = [sys.executable, str(ROOT / "main.py"), "--store", store]
        for _ in range(STARTS):
            with terminal(command, environment(folder)) as program:
                times.append(program.until_shown(EXPERIMENT))
                cpu.append(program.cpu_s)
    return statistics.median(times[1:]), statistics.median(cpu[1:])


@contextmanager
def streaming(folder: Path, token_delay_ms: float) -> Iterator[tuple[Terminal, Path]]:
    """The app on its monitor while runs stream; with the file in which it notes."""
    report = folder / "report.jsonl"
    store = f"sqlite:///{folder / 'bench.db'}"
    command = [
        sys.executable, "-m", "benchmarks.app_screens", store, str(token_delay_ms), str(report)
    ]  # fmt: skip
    with terminal(command, environment(folder)) as program:
        program.until_shown(EXPERIMENT)
        program.press("\x1bOR")  # F3, the monitor
        program.until_shown("word6")
        yield program, report


def key_to_screen_ms() -> tuple[list[float], float]:
    """Milliseconds from each key to the frame that shows its letter, sorted; share of a CPU."""
    times = []
    with tempfile.TemporaryDirectory() as name, streaming(Path(name), TOKEN_DELAY_MS) as opened:
        program, _ = opened
        program.idle(3.0)
        program.press("i")
        program.idle(1.0)
        began, used = time.perf_counter(), program.cpu_s
        for letter in LETTERS[:KEYS]:
            program.idle(random.uniform(0.02, 0.12))
            program.forget()
            program.press(letter)
            times.append(program.until_shown(letter) * 1000)
        share = (program.cpu_s - used) / (time.perf_counter() - began)
    return sorted(times), share


def read(report: Path) -> list[tuple[int, float]]:
    """Tokens and megabytes that were noted, the earliest first."""
    notes = [json.loads(line) for line in report.read_text().splitlines()]
    return [(note["tokens"], note["mb"]) for note in notes]


def growth_mb() -> tuple[float, float]:
    """Growth of memory for a million tokens after the warm-up, and memory at the end; in MB."""
    with tempfile.TemporaryDirectory() as name, streaming(Path(name), 0.01) as (program, report):
        while read(report)[-1][0] < WARM_TOKENS + MORE_TOKENS:
            program.idle(1.0)
        notes = read(report)
    later = [note for note in notes if note[0] >= WARM_TOKENS]
    line = statistics.linear_regression(
        [tokens / 1e6 for tokens, _ in later], [mb for _, mb in later]
    )
    return line.slope, notes[-1][1]


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(streaming_app(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
        return
    painted, cpu = first_paint_s()
    keys, share = key_to_screen_ms()
    slow = keys[int(len(keys) * 0.95)]
    growth, memory = growth_mb()
    show(
        [
            Row("first frame with the experiments", f"{painted:.2f} s", f"< {FIRST_PAINT_S} s",
                painted < FIRST_PAINT_S),
            Row("CPU that it takes; on a busy machine the rest is waiting", f"{cpu:.2f} s"),
            Row(f"CPU while {RUNS} runs stream", f"{share:.0%}"),
            Row("key to screen meanwhile, median",
                f"{statistics.median(keys):.0f} ms"),
            Row("the same, 95th percentile", f"{slow:.0f} ms", f"< {KEY_MS:.0f} ms",
                slow < KEY_MS),
            Row("memory after many tokens", f"{memory:.0f} MB"),
            Row("its growth for a million tokens", f"{growth:.1f} MB", f"< {GROWTH_MB:.0f} MB",
                growth < GROWTH_MB),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
