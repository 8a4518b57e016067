"""The screen's experiments: read as a whole once, then kept up to date."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from textual.worker import Worker

from screens.home.shelf import Shelf
from screens.laboratory import Laboratory
from screens.screen import LaboratoryScreen
from simulator.errors import SimulatorError

LOOK_S = 5.0
"""Between two looks at what is new."""
READ_AGAIN = timedelta(minutes=1)
"""After which all is read again when the screen is shown again."""


class Reading(LaboratoryScreen):
    """Reads one thing at a time; what it reads is shown by `list_again` and `show_problem`."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__(laboratory)
        self.shelf = Shelf(laboratory.services)
        self.is_read = False
        """Whether all was read once."""
        self.wanted: str | None = None
        """What to put the cursor on once it is listed."""
        self._read_at = laboratory.now()
        self._reader: Worker[None] | None = None

    def on_mount(self) -> None:
        """Read at once, and look again and again."""
        self.read_again()
        self.set_interval(LOOK_S, self.look_again)

    def on_screen_resume(self) -> None:
        """Much may have changed meanwhile."""
        if self.is_read and self.laboratory.now() - self._read_at > READ_AGAIN:
            self.read_again()
        else:
            self.look_again()

    def show_experiment(self, experiment_id: str) -> None:
        """Put the cursor on an experiment, now or as soon as it is listed."""
        self.wanted = experiment_id
        self.look_again()

    def read_again(self) -> None:
        """Read everything."""
        self._start(self._read, is_whole=True)

    def look_again(self) -> None:
        """Read what is new, if anybody can see it."""
        is_busy = self._reader is not None and self._reader.is_running
        if self.is_read and self.is_current and not is_busy:
            self._start(self._look)

    async def list_again(self) -> None:
        """Show what the shelf has by now."""
        raise NotImplementedError

    def show_problem(self, error: SimulatorError) -> None:
        """Say that the store could not be read."""
        raise NotImplementedError

    async def _read(self) -> None:
        if not self.is_read:
            await self.shelf.glance()
            await self.list_again()
        await self.shelf.read()

    async def _look(self) -> None:
        await self.shelf.look()
        if self.wanted is not None and self.wanted not in self.shelf.entries:
            await self.shelf.reread(self.wanted)
            if self.wanted not in self.shelf.entries:
                self.wanted = None

    def _start(self, read: Callable[[], Awaitable[object]], *, is_whole: bool = False) -> None:
        async def reading() -> None:
            try:
                await read()
            except SimulatorError as error:
                self.show_problem(error)
                return
            if is_whole:
                self.is_read = True
                self._read_at = self.laboratory.now()
            await self.list_again()

        self._reader = self.run_worker(reading, exclusive=True, group="read", exit_on_error=False)
