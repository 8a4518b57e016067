"""Where the original telephone keeps a game: model, task, text and seed in its path.

`Results/MODEL/TASK/TEXT/seed_K/output0.json`; a model's folder may end in `_Temp0.4`, the
temperature.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from simulator.files.chain_files import temperature_in, without_temperature
from simulator.files.originals.telephones import SEED

UNKNOWN = "unknown"
"""Model of a file that stands in no such folders."""
_NUMBER = re.compile(r"output(\d+)\.json", re.IGNORECASE)
_NO_NAME = frozenset('%/\\:*?"<>|')
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_TO_ESCAPE = re.compile(r'[/\\:*?"<>|\x00-\x1f]|%(?=[0-9A-Fa-f]{2})|\A\.(?=\.?\Z)')


class TelephonePlace(NamedTuple):
    """What the path of a game says."""

    models: tuple[str, ...]
    """One, or those that take turns."""
    temperature: float | None
    """None where it is not in the name."""
    task: str
    text: str
    seed: int
    output: int
    """Of the file, as in `output0.json`."""


def place_of_file(path: Path) -> TelephonePlace:
    """What a path says; model and task are unknown outside of such folders."""
    path = Path(os.path.normpath(path.absolute()))
    number = _NUMBER.fullmatch(path.name)
    output = int(number[1]) if number else 0
    seed = SEED.fullmatch(path.parent.name)
    if seed is None:
        name = path.parent.name if number else path.stem
        return TelephonePlace((UNKNOWN,), None, "own", _read(name) or UNKNOWN, 1, output)
    folders = [folder.name for folder in path.parents[1:4]]
    text, task, model = (*folders, "", "", "")[:3]
    temperature, model = temperature_in(model), without_temperature(model)
    models = model.split("+")
    return TelephonePlace(
        tuple(_read(one) for one in models) if all(models) else (_read(model) or UNKNOWN,),
        temperature, _read(task) or "own", _read(text) or UNKNOWN, int(seed[1]), output,
    )  # fmt: skip


def file_of_place(place: TelephonePlace) -> PurePosixPath:
    """The path below `Results`; what cannot stand in a name is escaped as in addresses."""
    suffix = "" if place.temperature is None else f"_Temp{place.temperature:g}"
    model = "+".join(map(_written, place.models)) + suffix
    return PurePosixPath(
        model, _written(place.task), _written(place.text), f"seed_{place.seed}",
        f"output{place.output}.json",
    )  # fmt: skip


def _written(name: str) -> str:
    return _TO_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", name)


def _read(name: str) -> str:
    def plain(found: re.Match[str]) -> str:
        one = chr(int(found[1], 16))
        return one if one in _NO_NAME or one < " " or one == "." else found[0]

    # Names that are no UTF-8 reach us with half surrogate pairs.
    return _ESCAPED.sub(plain, name).encode("utf-8", "replace").decode("utf-8")
