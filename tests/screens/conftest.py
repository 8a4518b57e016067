from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.constants
import textual.pilot
import textual.screen
from rich.console import RenderableType
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension
from textual import _wait
from textual._compositor import Compositor
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import DataTable, Input, TextArea
from textual.worker import Worker, WorkerCancelled

from screens.laboratory import Laboratory
from screens.widgets.top_bar import TopBar
from simulator.live_runs import LiveRuns
from simulator.services import open_catalogue, open_services
from simulator.settings import Settings
from tests.screens.host import NOW, Host
from tests.waiting import until

NARROW = (80, 24)
WIDE = (120, 40)

IDLE_S = 0.01
LONGEST_WAIT_S = 0.2

OpenScreen = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
Snap = Callable[[Pilot[int]], None]


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty home, no settings of whoever runs the tests, and no movement on screens."""
    for name in os.environ:
        if name.startswith(("SIMULATOR_", "MONGODB_", "DB_")) or name.endswith(
            ("_API_KEY", "_HOST")
        ):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(textual.constants, "TEXTUAL_ANIMATIONS", "none")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pilot take the app for idle sooner, also while runs stream, when it never is."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", IDLE_S)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", IDLE_S / 20)
    monkeypatch.setattr(textual.screen, "UPDATE_PERIOD", IDLE_S / 2)
    for module in (textual.app, textual.pilot):
        wait = partial(_wait.wait_for_idle, IDLE_S, LONGEST_WAIT_S)
        monkeypatch.setattr(module, "wait_for_idle", lambda min_sleep=0.0, wait=wait: wait())


@pytest.fixture(autouse=True)
def drawn_when_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw what a test looks at, and how a screen ends; not each step on the way, for nobody."""
    render = Compositor.render_update

    def render_whole_screens(
        self: Compositor,
        full: bool = False,
        screen_stack: list[Screen[Any]] | None = None,
        simplify: bool = False,
    ) -> RenderableType | None:
        if full:
            return render(self, full, screen_stack, simplify)
        self._dirty_regions.clear()
        return None

    monkeypatch.setattr(Compositor, "render_update", render_whole_screens)


@pytest.fixture(autouse=True)
def styles_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read each style sheet once for all apps of a process."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", rules_read_once)


_read_rules = Stylesheet._parse_rules
_RULES: dict[tuple[object, ...], list[RuleSet]] = {}


def rules_read_once(sheet: Stylesheet, css: str, *where: Any, **options: Any) -> list[RuleSet]:
    variables = tuple(sheet._variables.items())
    key = (css, where, tuple(options.items()), variables)
    if key not in _RULES:
        _RULES[key] = _read_rules(sheet, css, *where, **options)
    return _RULES[key]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of ada, whose store is an empty file."""
    return Settings.model_validate(
        {
            "store": f"sqlite:///{tmp_path / 'lab.db'}",
            "user": "ada",
            "log_dir": tmp_path / "logs",
            "max_live_runs": 4,
        }
    )


@pytest.fixture
async def laboratory(settings: Settings) -> AsyncIterator[Laboratory]:
    """Real services on a real store."""
    async with (
        open_services(settings) as services,
        open_catalogue(settings) as catalogue,
        LiveRuns(services) as live,
    ):
        yield Laboratory(services, catalogue, live, now=lambda: NOW)


@pytest.fixture
def open_screen(laboratory: Laboratory) -> OpenScreen:
    """Shows a screen in an app of its own; `pilot.app.asked` has where the screen asked to go."""

    @asynccontextmanager
    async def opened(
        screen: Screen[None],
        size: tuple[int, int] = NARROW,
        message_hook: Callable[[Message], None] | None = None,
    ) -> AsyncIterator[Pilot[int]]:
        app = Host(laboratory, screen)
        async with app.run_test(size=size, message_hook=message_hook) as pilot:
            await settled(pilot)
            yield pilot
            # What cannot be drawn fails here.
            app.screen._compositor.render_update(full=True)

    return opened


async def settled(pilot: Pilot[int]) -> None:
    """Wait until the workers of the app are done, but for those that follow a run; all is drawn.

    Workers that the last ones started are waited for too; those that newer ones replaced are not.
    """
    await pilot.pause()
    while True:
        while ending := _at_work(pilot):
            with suppress(WorkerCancelled):
                await pilot.app.workers.wait_for_complete(ending)
            await pilot.pause()
        for bar in pilot.app.screen.query(TopBar):
            bar.count()
        for table in pilot.app.screen.query(DataTable):
            # Columns become as wide as their cells when a table has nothing else to do.
            await until(partial(_is_measured, table))
        await pilot.pause()
        await still(pilot)
        # What has another size by now may be filled once more.
        if not _at_work(pilot) and all(map(_is_measured, pilot.app.screen.query(DataTable))):
            return


async def still(pilot: Pilot[int]) -> None:
    """Wait until nothing on the screen moves.

    A pilot takes an app for idle when its process does nothing for a moment, which it also does on
    a busy machine.
    """
    await pilot.pause()
    await until(partial(_is_still, pilot.app))


def _is_still(app: App[int]) -> bool:
    """Whether all messages are worked in, and all that they moved has its place."""
    screen = app.screen
    if screen._scroll_required or screen._dirty_widgets or screen._callbacks:
        return False
    return all(
        pump._message_queue.empty()
        and not (pump._next_callbacks or pump._layout_required or pump._repaint_required)
        for pump in screen.walk_children(with_self=True)
    )


def _at_work(pilot: Pilot[int]) -> list[Worker[Any]]:
    return [worker for worker in pilot.app.workers if worker.group != "follow"]


def _is_measured(table: DataTable[object]) -> bool:
    return not table._require_update_dimensions


@pytest.fixture
def snap(snapshot: SnapshotAssertion) -> Snap:
    """Compares the screen, letter by letter and colour by colour, with the one on record."""

    def compare(pilot: Pilot[int]) -> None:
        for field in pilot.app.screen.query("Input, TextArea"):
            assert isinstance(field, (Input, TextArea))
            field.cursor_blink = False
            if isinstance(field, TextArea):
                # Lines that were drawn while the cursor was out are taken for those without one.
                field._line_cache.clear()
        pilot.app.screen.refresh()
        svg = pilot.app.export_screenshot(title="", simplify=True)
        # The name comes from a hash that also counts what is not drawn.
        svg = re.sub(r"terminal-\d+", "terminal", svg)
        assert svg == snapshot(extension_class=SVGImageSnapshotExtension)

    return compare
