"""Runs `main.py`, and writes the commands that it sent to a MongoDB into the file `COMMANDS`."""

import atexit
import os
import runpy
from pathlib import Path
from typing import Any

from pymongo import monitoring

ROOT = Path(__file__).resolve().parents[2]
_SENT: list[str] = []


class _Sent(monitoring.CommandListener):
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        of = next(iter(event.command.values()))
        _SENT.append(f"{event.command_name} {of}" if isinstance(of, str) else event.command_name)

    def succeeded(self, event: Any) -> None:
        pass

    def failed(self, event: Any) -> None:
        pass


monitoring.register(_Sent())
atexit.register(lambda: Path(os.environ["COMMANDS"]).write_text("\n".join(_SENT)))
runpy.run_path(str(ROOT / "main.py"), run_name="__main__")
