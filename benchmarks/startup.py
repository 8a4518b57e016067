"""How long `python main.py --help` takes, and what it imports."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.tables import Row, show

ROOT = Path(__file__).resolve().parent.parent
ASKED_S = 0.3
HEAVY = ("torch", "openai", "pymongo", "textual", "numpy", "pydantic", "inflect")


def seconds(*arguments: str) -> float:
    """Wall time of the quickest of seven starts."""
    times = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        times.append(time.perf_counter() - began)
    return min(times)


def heavy_imports() -> list[str]:
    """Heavy packages that `--help` imports."""
    log = subprocess.run(
        [sys.executable, "-X", "importtime", "main.py", "--help"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stderr  # fmt: skip
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in log.splitlines()}
    return sorted(modules & set(HEAVY))


def main() -> None:
    nothing, helped = seconds("-c", "pass"), seconds("main.py", "--help")
    heavy = heavy_imports()
    show(
        [
            Row("python main.py --help", f"{helped:.3f} s", f"< {ASKED_S} s", helped < ASKED_S),
            Row("python -c pass, the baseline", f"{nothing:.3f} s"),
            Row("heavy imports", ", ".join(heavy) or "none", "none", not heavy),
        ]
    )


if __name__ == "__main__":
    main()
