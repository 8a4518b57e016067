"""Chatrooms of the command line: put together, tested for replication, told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from simulator.changing import design_read, document_of, merged, of_kind
from simulator.domain.designs import Design
from simulator.domain.records import Run
from simulator.errors import UsageError
from simulator.files.originals.chatrooms import write_chatroom
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.chatroom.results import found_texts
from simulator.presentation.safe_text import one_line, shortened

if TYPE_CHECKING:
    from simulator.archive import Archive

_TRIVIAL = {
    "empty": "nothing is said", "refusal": "it is a refusal", "farewell": "it is a farewell",
}  # fmt: skip
LONGEST_NAME = 60
"""Characters of what an experiment is called after its models or a text."""
CLASSIC: Mapping[str, Any] = {
    "roles": "classic",
    "cycle": {"check": "fuzzy", "threshold": 0.99, "classic": True},
}
"""As the original shows messages and tests them."""


def as_chatroom(design: Design) -> ChatroomDesign:
    """The design, which must be a chatroom's.

    Raises:
        UsageError: It is of another kind.
    """
    return of_kind(design, ChatroomDesign, "chatroom")


def changed(
    design: ChatroomDesign | None, changes: Mapping[str, Any], name: str = ""
) -> ChatroomDesign:
    """A design with other values, or a new one.

    Args:
        design: What they go over; None begins with a chatroom as it is without a word.
        changes: Fields by name; those of `cycle` and `sampling` go over theirs one by one.
        name: What it is called; empty says which models talk, or what was changed.

    Raises:
        UsageError: A value is no good.
    """
    document = document_of(ChatroomDesign, design, changes)
    if not document.get("weights") or changes.get("speakers") not in (None, "weighted"):
        document.pop("weights", None)
    document = merged(document, changes)
    if name or design is None:
        models = document.get("models") or ChatroomDesign.model_fields["models"].default
        document["name"] = name or shortened(f"Chatroom of {'+'.join(models)}", LONGEST_NAME)
    elif changes:
        document["name"] = f"{design.name}: {', '.join(sorted(changes)).replace('_', ' ')}"
    return design_read(ChatroomDesign, document)


def replication_of(
    design: ChatroomDesign,
    text: str,
    *,
    models: tuple[str, ...] = (),
    copies: int | None = None,
    name: str = "",
) -> ChatroomDesign:
    """A test whether a text is copied by fresh models.

    Args:
        design: Of the chatroom that it was found in; has sampling and what counts as a copy.
        text: What the models are given.
        models: Who is asked; none asks those of the chatroom.
        copies: How often each is; None as often as usual.
        name: What it is called; empty begins with the text.

    Raises:
        UsageError: There is no text, or too many copies.
    """
    document = design.model_dump(mode="json", include={"kind", "sampling", "cycle"})
    replication: dict[str, Any] = {"text": text}
    if copies is not None:
        replication["copies"] = copies
    name = name or f"Copies of {shortened(one_line(text), LONGEST_NAME)!r}"
    models = models or design.fresh_models
    whole = {**document, "name": name, "models": models, "replication": replication}
    return design_read(ChatroomDesign, whole)


async def found_in(archive: Archive, run: Run) -> tuple[ChatroomDesign, tuple[str, ...]]:
    """The design of a chatroom, and the texts of the cycle that it came to.

    Raises:
        UsageError: The run is no chatroom, or there is no cycle in it.
        DesignChangedError: The stored design is not the one that the run began with.
    """
    design = await _design(archive, run)
    texts = found_texts(design, await archive.store.steps(run.id))
    if not texts:
        raise UsageError(
            f"No text repeats itself in run {run.id}.",
            remedy="Name a run that converged, or give a text with --text.",
        )
    return design, texts


async def chatroom_as_original(archive: Archive, run: Run) -> str:
    """A run of a chatroom as the original program writes it.

    Raises:
        UsageError: The run is no chatroom, or a replication test.
    """
    design = await _design(archive, run)
    if design.replication is not None:
        raise UsageError(
            f"Run {run.id} tests a text for replication, which the original cannot write.",
            remedy="Export it as jsonl or csv.",
        )
    return write_chatroom(run, design, await archive.store.steps(run.id))


def ended_lines(values: Mapping[str, JsonValue]) -> list[str]:
    """What a talk came to, as its outcome keeps it, in lines for people."""
    turns = values.get("turns")
    if not values.get("converged"):
        return [f"Not converged: no text repeats itself in {turns} turns."]
    end, period = values["converged_after"], values["period"]
    found = (
        f"period {period}, onset at message {values['onset']}, repeated "
        f"{values['repetitions']} times"
    )
    lines = [f"Converged after {end} messages: {found}."]
    if values.get("broken") and values.get("ends_in_cycle"):
        lines = [f"Converged after {end} messages, broke again, and ended in: {found}."]
    elif values.get("broken"):
        lines.append("It broke again in the turns after that.")
    if values.get("is_trivial"):
        lines.append(f"It says little: {_TRIVIAL.get(str(values['why_trivial']), 'trivial')}.")
    if values.get("is_drifting"):
        lines.append("The text changed a little from repetition to repetition.")
    repeated = values["texts"]
    texts = repeated if isinstance(repeated, list) else []
    for number, text in enumerate(texts, 1):
        lines.append("The text:" if period == 1 else f"Text {number} of {len(texts)}:")
        lines += [f"  {line}" for line in str(text).splitlines() or ["(nothing)"]]
    return lines


def copies_text(values: Mapping[str, JsonValue]) -> list[list[str]]:
    """Rows of what each model made of a text: given, copies, exact ones, share with interval."""
    found = values.get("models")
    models = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    rows = models if len(models) < 2 else [*models, {**values, "model": "all"}]
    return [
        [str(one["model"]), str(one["given"]), str(one["copies"]), str(one["exact"]), _share(one)]
        for one in rows
    ]


def _share(one: Mapping[str, Any]) -> str:
    return f"{one['share']:.1%} [{100 * one['low']:.1f}, {100 * one['high']:.1f}]"


async def _design(archive: Archive, run: Run) -> ChatroomDesign:
    if run.kind != "chatroom":
        raise UsageError(
            f"Run {run.id} is no chatroom but of the kind {run.kind}.",
            remedy="Name a run of a chatroom; `ls --runs` lists runs.",
        )
    design: ChatroomDesign = await archive.resolved(run)
    return design
