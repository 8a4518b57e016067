"""The names of the original debate program's files, which hold all that it writes of a setting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

DATASETS = ("gsm8k", "mmlu", "arithmetic", "biography")
LONGEST = 255
"""Characters of a name; the original cuts it there."""

Partial = Literal["", "partial", "partialNOT"]
"""Which embeddings were mixed: all, those of confident steps, those of steps that were not."""
_PARTIALS: dict[str | None, Partial] = {
    None: "", "partial": "partial", "partialNOT": "partialNOT",
}  # fmt: skip

_PATTERN = re.compile(
    rf"""
    id(?P<job>[^_]*)_(?P<debaters>[1-9]\d?)(?P<models>\D.*?)
    _(?P<dataset>{"|".join(DATASETS)})_(?P<data_file>.+)
    _seed(?P<seed>\d+)_(?P<language>vec|human)_nsols(?P<samples>\d+)_r(?P<rounds>\d+)
    _temp(?P<temperatures>[\d.eE+-]+?)(?:_topp[\d.eE+-]+)?_nques(?P<questions>\d+|None)
    (?:_(?P<time>\d{{4}}-[A-Za-z]{{3}}-\d\d--\d\d-\d\d-\d\d)
       (?P<bias>_bias)?(?:_(?P<partial>partialNOT|partial))?
       (?P<threshold>\d+(?:\.\d+)?)?(?P<entropy>_entropy)?)?
    .*
    """,
    re.VERBOSE,
)
_TEMPERATURE = re.compile(r"\d+(?:\.\d+)?(?:[eE]-?\d+)?")
_FAMILY = re.compile(r"_(?=(?:llama|falcon|mpt|wizardmath|vicuna|mistral|qwen)[-_\d])", re.I)


@dataclass(frozen=True, slots=True)
class DebateName:
    """What a file's name says."""

    debaters: int
    models: str
    """Names of the first two debaters, joined by an underscore."""
    dataset: str
    data_file: str
    """Name of the file with the questions, without its ending."""
    seed: int
    vectors: bool
    """Whether they talked in embeddings."""
    samples: int
    """Answers for each question of a majority vote; 1 for a debate."""
    rounds: int
    temperatures: tuple[float, ...]
    """One for each debater, or by debater and round; three digits after the point."""
    questions: int | None
    job: str = ""
    time: str = ""
    """Local time of nobody knows where, such as `2024-Jan-19--23-24-36`."""
    bias: bool = False
    partial: Partial = ""
    threshold: float | None = None
    """Of partial mixing; the original writes it always."""
    entropy: bool = False

    @property
    def mode(self) -> str:
        """As records call it."""
        if self.samples > 1:
            return "majority"
        if self.vectors:
            return "cipher"
        return "single" if self.rounds == 1 else "natural_language"

    @property
    def model_names(self) -> tuple[str, ...]:
        """Of the first two debaters, as far as they can be told apart; else none."""
        names = self.models
        half = len(names) // 2
        if names[:half] == names[half + 1 :] and names[half : half + 1] == "_":
            return names[:half], names[:half]
        parts = _FAMILY.split(names)
        if len(parts) != 2:
            parts = names.split("_")
        return tuple(parts) if len(parts) == 2 else ()

    def by_round(self, debaters: int, rounds: int) -> tuple[tuple[float, ...], ...]:
        """Temperatures by debater, then by round; none where their number does not fit.

        Args:
            debaters: How many there are in the file.
            rounds: How many rounds there are.
        """
        given = self.temperatures
        if debaters and len(given) == debaters * rounds:
            return tuple(given[d * rounds : (d + 1) * rounds] for d in range(debaters))
        if len(given) == debaters:
            return tuple((one,) * rounds for one in given)
        if given and self.samples > 1:
            return ((given[0],) * rounds,) * debaters
        return ()


def read_name(name: str) -> DebateName | None:
    """What the name of a file says; None where it is not one of the original's.

    Args:
        name: With or without its folder and ending.
    """
    stem = re.split(r"[/\\]", name)[-1].removesuffix(".json")
    found = _PATTERN.fullmatch(stem)
    if found is None:
        return None
    temperatures = _TEMPERATURE.findall(found["temperatures"])
    threshold = found["threshold"]
    return DebateName(
        debaters=int(found["debaters"]),
        models=found["models"],
        dataset=found["dataset"],
        data_file=found["data_file"],
        seed=int(found["seed"]),
        vectors=found["language"] == "vec",
        samples=int(found["samples"]),
        rounds=int(found["rounds"]),
        temperatures=tuple(map(float, temperatures)),
        questions=int(found["questions"]) if found["questions"].isdigit() else None,
        job=found["job"],
        time=found["time"] or "",
        bias=bool(found["bias"]),
        partial=_PARTIALS[found["partial"]],
        threshold=float(threshold) if threshold else None,
        entropy=bool(found["entropy"]),
    )


def write_name(name: DebateName) -> str:
    """The name of a file of the original, with its ending, in at most `LONGEST` characters.

    Temperatures are written without an exponent, on which the original's own analysis fails.
    """
    temperatures = "-".join(_plain(one) for one in name.temperatures)
    threshold = "" if name.threshold is None else _plain(name.threshold)
    stem = (
        f"id{name.job}_{name.debaters}{name.models}_{name.dataset}_{name.data_file}"
        f"_seed{name.seed}_{'vec' if name.vectors else 'human'}_nsols{name.samples}"
        f"_r{name.rounds}_temp{temperatures}_nques{name.questions}"
    )
    if name.time:
        stem += (
            f"_{name.time}{'_bias' if name.bias else ''}"
            f"{'_' + name.partial if name.partial else ''}{threshold}"
            f"{'_entropy' if name.entropy else ''}"
        )
    return f"{stem[: LONGEST - len('.json')]}.json"


def _plain(number: float) -> str:
    digits = f"{number:.3f}".rstrip("0")
    return f"{digits}0" if digits.endswith(".") else digits
