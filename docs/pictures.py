"""Draws the pictures of the README and the guides: the app itself, on a store of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from screens import messages
from screens.app import SimulatorApp
from screens.laboratory import Laboratory
from simulator.domain.records import Experiment, ExperimentQuery
from simulator.errors import SimulatorError
from simulator.files.designs import load_design
from simulator.files.seeds import seed_designs
from simulator.live_runs import LiveRuns
from simulator.services import Services, open_catalogue, open_services
from simulator.settings import Settings

PICTURES = Path(__file__).resolve().parent / "pictures"
SIZE = (110, 34)
WATCHED = "pocket"
PATIENCE_S = 120.0


async def main() -> None:
    """Make a small laboratory, walk through the app, and draw each screen."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["HOME"] = folder
        settings = Settings.model_validate(
            {"store": f"sqlite:///{folder}/lab.db", "user": "ada", "log_dir": folder}
        )
        async with (
            open_services(settings) as services,
            open_catalogue(settings) as catalogue,
            LiveRuns(services) as live,
        ):
            laboratory = Laboratory(services, catalogue, live)
            prison = await stocked(services)
            app = SimulatorApp(laboratory)
            async with app.run_test(size=SIZE) as pilot:
                await walk(pilot, laboratory, prison)


async def stocked(services: Services) -> Experiment:
    """Store the seeds; the prison among them, a favourite."""
    found: Experiment | None = None
    for path in seed_designs():
        try:
            experiment = await services.save_design(load_design(path, services.kinds))
        except SimulatorError as error:
            # Such as questions that only the hub has: the pictures do without.
            sys.stderr.write(f"Left out, {path.stem}: {error.message}\n")
            continue
        if path.stem == "prison":
            found = experiment
    assert found is not None
    await services.star(found)
    return found


async def walk(pilot: Pilot[int], laboratory: Laboratory, prison: Experiment) -> None:
    """Go from screen to screen."""
    app, live = pilot.app, laboratory.live
    await drawn(pilot, "experiments")
    app.post_message(messages.DuplicateDesign(prison.id))
    await drawn(pilot, "editor")
    await pilot.press("escape")
    app.post_message(messages.LaunchExperiment(prison.id))
    await drawn(pilot, "launch")
    await pilot.press("escape")

    services = laboratory.services
    design = services.design_of(prison)
    runs = []
    for seed, (guards, prisoners) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2)], 2026):
        agents = [{"role": "guard", "count": guards}, {"role": "prisoner", "count": prisoners}]
        runs += await services.launch(
            design, {"agents": agents, "messages": 24}, seed=seed, experiment=prison
        )
    await live.start(runs)
    app.post_message(messages.OpenMonitor(runs[3].id))
    await until(lambda: live.runs[runs[3].id].turns >= 14)
    await drawn(pilot, "monitor")
    await until(lambda: live.unfinished == 0)

    other = await services.fork(runs[0], at=4, replace="No. Not today, and not tomorrow.")
    await live.start([other])
    await until(lambda: live.unfinished == 0)
    app.post_message(messages.OpenTranscript(runs[2].id))
    await drawn(pilot, "transcript")
    await pilot.press("escape")
    app.post_message(messages.CompareRuns(runs[0].id, other.id))
    await drawn(pilot, "compare")
    await pilot.press("escape")
    app.post_message(messages.OpenAnalysis(prison.id))
    await drawn(pilot, "analysis")
    await pilot.press("escape")
    app.post_message(messages.OpenAnalysis((await whispered(laboratory)).id))
    await drawn(pilot, "chains")
    await pilot.press("escape", "f4")
    await drawn(pilot, "models")
    await pilot.press("f5")
    await drawn(pilot, "settings")


async def whispered(laboratory: Laboratory) -> Experiment:
    """A game of telephone of which something can be seen."""
    services, live = laboratory.services, laboratory.live
    game = next(one for one in await services.store.experiments(ExperimentQuery())
                if one.kind == "telephone")  # fmt: skip
    runs = []
    for task in ("rephrase", "continue"):
        asked = {"task": task, "chains": 2, "generations": 8}
        runs += await services.launch(services.design_of(game), asked, seed=7, experiment=game)
    await live.start(runs)
    await until(lambda: live.unfinished == 0)
    return game


async def until(condition: Callable[[], bool]) -> None:
    """Let the runs go on until the condition holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - there is no event for everything
            await asyncio.sleep(0.05)


async def drawn(pilot: Pilot[int], name: str) -> None:
    """Wait until the screen is at rest, then write its picture."""
    for _ in range(5):
        await pilot.pause(0.3)
    svg = pilot.app.export_screenshot(title="LLM Interaction Simulator")
    svg = re.sub(r"terminal-\d+", f"picture-{name}", svg)
    (PICTURES / f"{name}.svg").write_text(f"{svg}\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
