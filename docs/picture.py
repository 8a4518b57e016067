"""Makes `transcript.svg`, the README's picture: the demonstration as a terminal shows it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 96, 200
SHOWN_LINES = 26


def on_a_terminal(command: list[str], environment: dict[str, str]) -> str:
    """What a command writes to a terminal, colours included."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    pieces: list[bytes] = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # the other side is closed
        pass
    process.wait()
    os.close(ours)
    return b"".join(pieces).decode()


def main() -> None:
    """Play the demonstration in an empty store and draw its transcript."""
    main_py = str(HERE.parent / "main.py")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "SIMULATOR_STORE": f"sqlite:///{folder}/demo.db", "SIMULATOR_LOG_DIR": folder,
            "SIMULATOR_USER": "ada", "TERM": "xterm-256color", "COLORTERM": "truecolor",
            "COLUMNS": str(WIDTH), "LINES": str(HEIGHT),
        }  # fmt: skip
        run = [sys.executable, main_py]
        subprocess.run([*run, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL)
        shown = on_a_terminal([*run, "show", "last"], environment)
    lines = shown.replace("\r\n", "\n").splitlines()
    first = next(number for number, line in enumerate(lines) if "Day 1" in line)
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text.from_ansi("\n".join(lines[first : first + SHOWN_LINES])))
    console.save_svg(str(HERE / "transcript.svg"), title="python main.py show last")


if __name__ == "__main__":
    main()
