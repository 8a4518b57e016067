"""Run every benchmark in a process of its own, so that none spoils another's memory or caches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = (
    "startup", "engine", "crowd", "pocket", "backends", "moving", "mongodb", "outage", "transcript",
    "app", "editor", "local", "cipher", "chains", "telephone", "iterated",
    "batches",
)  # fmt: skip
MODULES = {"transcript": "app_transcript", "app": "app_screens", "local": "local_model"}
"""Those in a module of another name."""


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    failed = 0
    for name in sys.argv[1:] or NAMES:
        print(f"\n# {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{MODULES.get(name, name)}"]
        failed += subprocess.run(command, cwd=root, check=False).returncode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
