"""Debates put together from what a command line says, over a design or from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

from pydantic import JsonValue

from simulator.changing import design_read, document_of, merged, of_kind
from simulator.domain.designs import Design
from simulator.errors import UsageError
from simulator.kinds.debate.asked import is_generated
from simulator.kinds.debate.design import MOST_DEBATERS, DebateDesign, Part
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.services import Services

COOLEST, HOTTEST = 0.2, 0.8
"""Temperatures of debaters that are given none: spread evenly between these."""
_PARTS = tuple(part for part in get_args(Part) if part != "answers")
_SILENT = ("expert", "misleading")
"""Parts that ask no model."""


def as_debate(design: Design) -> DebateDesign:
    """The design, which must be a debate's.

    Raises:
        UsageError: It is of another kind.
    """
    return of_kind(design, DebateDesign, "debate")


def changed(
    design: DebateDesign | None, changes: Mapping[str, Any], name: str = ""
) -> DebateDesign:
    """A design with other values, or a new one.

    Args:
        design: What they go over; None begins with a debate as it is without a word.
        changes: Fields by name, those of parts within their part.
        name: What it is called; empty says what was changed.

    Raises:
        UsageError: A value is no good.
    """
    document = document_of(DebateDesign, design, changes)
    if "data" in changes:
        document.pop("questions", None)
    if design is None:
        changes = {**changes, "data": {"dataset": "arithmetic", **changes.get("data", {})}}
    told = ", ".join(_words(changes))
    if design is None:
        document["name"] = f"Debate over {told}"
    else:
        document["name"] = f"{design.name}: {told}" if told else design.name
    return design_read(DebateDesign, merged(document, changes) | ({"name": name} if name else {}))


def takes_fewer(design: DebateDesign) -> bool:
    """Whether a launch can say how many questions are asked: all that may be asked are there."""
    return bool(design.questions) or is_generated(design)


def check_playable(
    services: Services, design: DebateDesign, parameters: Mapping[str, JsonValue]
) -> None:
    """See that a debate can be held, before anything is stored or asked.

    Args:
        services: Have the models.
        design: With its questions.
        parameters: What a launch sets over it.

    Raises:
        DesignInvalidError: The design does not bear the parameters.
        UsageError: A debater of vectors has a model that knows none.
        BackendError: There is no such model.
    """
    agents = services.preview(design, parameters)
    if services.kind(design.kind).resolve(design, parameters).speaks_words:
        return
    for model in dict.fromkeys(agent.model for agent in agents if agent.role != "judge"):
        if "latent" not in services.backend(model).abilities:
            raise UsageError(
                f"{model} reads and writes words alone: it cannot debate in vectors.",
                remedy="Choose pocket or hf/… for every debater, or a debate in words.",
            )


def debaters_named(text: str) -> list[dict[str, JsonValue]]:
    """The debaters that a text means.

    Args:
        text: A number of debaters, or models between commas. `MODEL:random` answers at a very
            high temperature; `expert` gives the right solution and `misleading` that of another
            question, neither with a model.

    Returns:
        As designs have them, with temperatures.

    Raises:
        UsageError: There are none, or too many.
    """
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    if len(pieces) == 1 and pieces[0].isdecimal():
        pieces = [""] * min(int(pieces[0]), MOST_DEBATERS + 1)
    if not 0 < len(pieces) <= MOST_DEBATERS:
        raise UsageError(
            f"--debaters {text}: there are 1 to {MOST_DEBATERS} debaters.",
            remedy="Write a number, or models between commas, such as pocket,pocket,expert.",
        )
    found = [_debater(piece) for piece in pieces]
    answering = [one for one in found if one["part"] == "answers"]
    step = (HOTTEST - COOLEST) / max(1, len(answering) - 1)
    for place, one in enumerate(answering):
        one["temperatures"] = [round(COOLEST + place * step, 3)]
    return found


def _debater(piece: str) -> dict[str, JsonValue]:
    model, _, part = piece.rpartition(":")
    if part not in _PARTS:
        model, part = piece, "answers"
    if part in _SILENT or not model:
        return {"part": part}
    return {"part": part, "model": model}


def fields_named(texts: tuple[str, ...]) -> dict[str, JsonValue]:
    """What fields of records are called, of texts such as `question=problem`, `options=A+B+C`.

    Raises:
        UsageError: One says nothing.
    """
    found: dict[str, JsonValue] = {}
    for text in texts:
        name, _, field = (part.strip() for part in text.partition("="))
        if not name or not field:
            raise UsageError(
                f"--field {text}: this names no field.",
                remedy="Write such as question=problem, answer=key or options=A+B+C+D.",
            )
        found[name] = list(field.split("+")) if name == "options" else field
    return found


def _words(changes: Mapping[str, Any]) -> Iterator[str]:
    """What changes say, in a few words, the data first."""
    data = dict(changes.get("data", {}))
    if changes.get("data"):
        path, dataset = data.pop("path", None), data.pop("dataset", None)
        what = PurePath(path).name if path else dataset
        subject = data.pop("subject", None)
        if what or subject:
            yield " ".join(filter(None, (what, subject)))
        if "count" in data:
            yield counted(data.pop("count"), "question")
        yield from _plain(data)
    debaters = changes.get("debaters")
    if debaters:
        parts = [(one.get("model", ""), one["part"]) for one in debaters]
        if all(part == ("", "answers") for part in parts):
            yield counted(len(debaters), "debater")
        else:
            told = [
                (model, part if part != "answers" or not model else "") for model, part in parts
            ]
            yield "+".join(":".join(filter(None, pair)) for pair in told)
    yield from _plain({key: changes[key] for key in changes if key not in ("data", "debaters")})


def _plain(changes: Mapping[str, Any]) -> Iterator[str]:
    for key, value in changes.items():
        if isinstance(value, Mapping):
            yield from _plain(value)
        elif value is True:
            yield key.replace("_", " ")
        else:
            yield f"{key.replace('_', ' ')} {value}"
