"""The editor: how long a key keeps everything else waiting, in a usual design and a huge one."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr
from textual.pilot import Pilot

from benchmarks.tables import Row, show
from screens.app import SimulatorApp
from screens.editor.screen import EditorScreen
from screens.laboratory import Laboratory
from simulator.drafts import Drafts
from simulator.live_runs import LiveRuns
from simulator.services import open_catalogue, open_services
from simulator.settings import Settings
from tests.loop_watch import watched

KEYS = "somewhere else"
KEY_MS = 50.0
LONG_MS = 400.0
"""That nothing takes, however long the text is."""
LINE = "You are a guard in a prison. Your name is <SELF_NAME>. You talk with <OTHERS_NAMES>.\n"


def large(lines: int) -> str:
    """Four roles with eight sections each, of so many lines."""
    text = "kind: conversation\nname: Large\nstarting_message: Go.\nroles:\n"
    for role in "abcd":
        text += f"  - name: role {role}\n    starting_prompt: >-\n      {LINE}    sections:\n"
        for section in range(8):
            text += f"      Section {section}: >-\n" + f"        {LINE}" * lines
    return text


async def turns_ms(folder: Path, text: str) -> tuple[float, float]:
    """Milliseconds that a key takes, in the form and in the file: medians of the longest turns."""
    settings = Settings(store=SecretStr(f"sqlite:///{folder / 'bench.db'}"), user="bench")
    async with (
        open_services(settings) as services,
        open_catalogue(settings) as catalogue,
        LiveRuns(services) as live,
    ):
        laboratory = Laboratory(services, catalogue, live)
        screen = EditorScreen(laboratory, text, drafts=Drafts(folder / "drafts"))
        app = SimulatorApp(laboratory)
        async with app.run_test(size=(120, 40)) as pilot:
            await app.push_screen(screen)
            await pilot.pause()
            await screen.panes.form.reveal(("roles", 0, "sections", 0, "content"))
            await pilot.pause()
            in_form = await _keys_ms(pilot, screen)
            screen.panes.go("yaml")
            await pilot.pause()
            return in_form, await _keys_ms(pilot, screen)


async def _keys_ms(pilot: Pilot[int], screen: EditorScreen) -> float:
    longest = []
    for key in KEYS.replace(" ", ""):
        _, turns = await watched(pilot.press(key))
        longest.append(turns.longest_s * 1000)
        await screen.settle()
    return statistics.median(longest)


def main() -> int:
    rows = []
    for name, text, asked in (("a usual design", large(5), KEY_MS), ("200 kB", large(70), LONG_MS)):
        with tempfile.TemporaryDirectory() as folder:
            times = asyncio.run(turns_ms(Path(folder), text))
        for place, time_ms in zip(("form", "file"), times, strict=True):
            what = f"a key in the {place}, {name}"
            met = time_ms < asked
            rows.append(Row(what, f"{time_ms:.1f} ms", f"< {asked:.0f} ms", met))
    show(rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
