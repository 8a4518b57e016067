"""The screen of a transcript for tests: opened, settled, and what it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import OptionList
from textual.worker import Worker

from screens.dialogs import Pick
from screens.laboratory import Laboratory
from screens.transcript.details import Details
from screens.transcript.header import Header
from screens.transcript.screen import TranscriptScreen
from screens.widgets.transcript_view import TranscriptView
from tests.screens.conftest import NARROW
from tests.screens.host import Host
from tests.waiting import until


def view(pilot: Pilot[Any]) -> TranscriptView:
    return pilot.app.screen.query_one(TranscriptView)


def header(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one(Header).content)


def details(pilot: Pilot[Any]) -> str:
    return pilot.app.screen.query_one(Details).text


def told(pilot: Pilot[Any]) -> str:
    return "\n".join(note.message for note in pilot.app._notifications)


async def ready(pilot: Pilot[Any]) -> None:
    """Wait until the run is read and drawn, and nothing else is being done."""
    await pilot.pause()
    await until(lambda: not any(_is_busy(worker) for worker in pilot.app.workers))
    await pilot.pause()
    screen = pilot.app.screen
    if isinstance(screen, TranscriptScreen):
        screen._draw()
        await until(lambda: view(pilot).is_settled)
        await pilot.pause()


def _is_busy(worker: Worker[Any]) -> bool:
    screen = worker.node
    is_following = (
        worker.group == "read"
        and isinstance(screen, TranscriptScreen)
        and screen.reading is not None
        and screen.reading.is_played
    )
    return not worker.is_finished and not is_following


@asynccontextmanager
async def opened(
    laboratory: Laboratory, run_id: str, size: tuple[int, int] = NARROW
) -> AsyncIterator[Pilot[Any]]:
    """The screen, without waiting for a run to end."""
    async with Host(laboratory, TranscriptScreen(laboratory, run_id)).run_test(size=size) as pilot:
        await until(lambda: isinstance(pilot.app.screen, TranscriptScreen))
        await until(lambda: " · " in header(pilot) or "could not be read" in header(pilot))
        await ready(pilot)
        yield pilot


async def pick(pilot: Pilot[Any], text: str) -> None:
    """Choose what begins with a text from the list in front."""
    await until(lambda: isinstance(pilot.app.screen, Pick))
    await pilot.pause()
    options = pilot.app.screen.query_one(OptionList)
    (number,) = [
        n for n in range(options.option_count)
        if str(options.get_option_at_index(n).prompt).startswith(text)
    ]  # fmt: skip
    options.highlighted = number
    await pilot.press("enter")
    await pilot.pause()


async def dialog(pilot: Pilot[Any], kind: type[Any]) -> None:
    await until(lambda: isinstance(pilot.app.screen, kind))
    await pilot.pause()
