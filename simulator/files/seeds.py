"""The designs that come with the program, and which file a name means."""

from __future__ import annotations

from pathlib import Path

SEED_DESIGNS = Path(__file__).resolve().parents[2] / "experiments_seed"

DESIGN_SUFFIXES = (".yaml", ".yml")


def seed_designs() -> list[Path]:
    """The designs that come with the program."""
    return sorted(SEED_DESIGNS.glob("*.yaml"))


def find_design_file(name: str) -> Path | None:
    """The file that a design's name means; None when it means a stored experiment."""
    path = Path(name).expanduser()
    if path.suffix in DESIGN_SUFFIXES or path.is_file():
        return path
    return next((seed for seed in seed_designs() if seed.stem == name), None)
