"""Chains in exported JSON lines: what is written beside each text of one, and how it is read back.

A line that is a text of a chain has an object `chain`: the `number` of the chain in its run, the
`generation` and the `agent` of the text (null where the agents of a network begin alike), and what
an analysis calls the chain: `task`, `text` (the name of the initial one), `repetition`,
`generations` (asked for; null where unknown) and `temperature`. The initial text has `models` too,
by agent: of each one a chain is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.analysis.culture.records import Chain
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run
from simulator.errors import SimulatorError
from simulator.files.designs import document_hash, read_document
from simulator.kinds.chatroom import results as chatroom
from simulator.kinds.registry import KINDS
from simulator.kinds.telephone.casting import speakers
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.places import place_of, text_of_chain
from simulator.kinds.telephone.results import models_of

Row = Mapping[str, Any]
_TRANSCRIPT = "transcript"
"""The task of chains whose file does not name one."""


# ---------------------------------------------------------------- writing


def chain_labels(
    run: Run, experiment: Experiment, steps: Iterable[Step]
) -> dict[tuple[str, int], dict[str, Any]]:
    """What is written beside the texts of a run's chains, by scope and index of the step.

    Nothing for a run of a kind that passes no texts on, or whose design was changed.

    Args:
        run: Whose.
        experiment: The run's.
        steps: The journal, in any order.
    """
    if run.kind not in _LABELS or document_hash(experiment.design) != run.design_hash:
        return {}
    kind = KINDS[run.kind]
    try:
        design = kind.resolve(
            read_document(kind, experiment.design, experiment.name, experiment.note),
            run.parameters,
        )
    except SimulatorError:
        return {}
    return dict(_LABELS[run.kind](run, design, [step for step in steps if step.in_transcript]))


_Labels = Iterator[tuple[tuple[str, int], dict[str, Any]]]


def _telephone(run: Run, design: Any, steps: Sequence[Step]) -> _Labels:
    made: TelephoneDesign = design
    agents = (1,) if made.is_sequence else speakers(made, 1)
    models = {str(one): models_of(run, 0 if made.is_sequence else one) for one in agents}
    for step in steps:
        place = place_of(step.scope, step.day)
        begun = text_of_chain(made, place.chain) if place is not None else None
        if place is None or begun is None:
            continue
        yield (step.scope, step.index), {
            "number": place.chain, "generation": place.generation,
            "agent": 1 if made.is_sequence else place.agent or None,
            "task": made.task_name, "text": begun[0].name, "repetition": begun[1],
            "generations": made.generations, "temperature": made.sampling.temperature,
            **({} if place.generation else {"models": models}),
        }  # fmt: skip


def _chatroom(run: Run, design: Any, steps: Sequence[Step]) -> _Labels:
    for chain in chatroom.chains_of(run, design, steps):
        said = chatroom.said_in(steps)[-len(chain.texts) :]
        for generation, step in enumerate(said):
            yield (step.scope, step.index), {
                "number": 1, "generation": generation, "agent": 1, "task": chain.task,
                "text": chain.text, "repetition": chain.seed, "generations": chain.expected,
                "temperature": chain.temperature,
                **({} if generation else {"models": {"1": chain.model}}),
            }  # fmt: skip


_LABELS: Mapping[str, Callable[[Run, Any, Sequence[Step]], _Labels]] = {
    "telephone": _telephone, "chatroom": _chatroom,
}  # fmt: skip


# ---------------------------------------------------------------- reading


class _Place(NamedTuple):
    chain: int
    agent: int | None
    generation: int


def exported_chains(
    name: str, rows: Iterable[tuple[int, Row]], leave_out: Callable[[int, str], None]
) -> tuple[list[Chain], tuple[str, ...]]:
    """The chains of exported lines.

    Runs whose lines do not say which chain they belong to, as those of older exports and of kinds
    that pass no texts on, have a chain for each scope. Of those, chains that begin with the same
    words count as repetitions of one text.

    Args:
        name: Of the file.
        rows: Lines with their numbers, from 1.
        leave_out: Hears the number of each line that cannot be used, and why.

    Returns:
        The chains, and sentences on what the file does not say.
    """
    told: dict[str, list[tuple[int, Row]]] = {}
    for number, row in rows:
        if not all(isinstance(row.get(key), str) for key in ("run_id", "scope", "content")):
            leave_out(number, "no message of a transcript")
        elif row.get("in_transcript", True):
            told.setdefault(row["run_id"], []).append((number, row))
    chains: list[Chain] = []
    untold: list[tuple[int, Row]] = []
    for run_id, lines in told.items():
        if any("chain" in row for _, row in lines):
            chains += _labelled(f"{name}, {run_id}", lines, leave_out)
        else:
            untold += lines
    by_scope = _by_scope(name, untold, leave_out)
    return [*chains, *by_scope], _grouped(name, by_scope)


def _labelled(
    source: str, lines: Sequence[tuple[int, Row]], leave_out: Callable[[int, str], None]
) -> Iterator[Chain]:
    said: dict[_Place, tuple[int, str]] = {}
    openings: dict[_Place, Row] = {}
    for number, row in lines:
        label = row.get("chain")
        if label is None:
            continue  # said, but in no chain
        wrong = _wrong(label)
        if wrong is not None:
            leave_out(number, wrong)
            continue
        place = _Place(label["number"], label["agent"], label["generation"])
        if place in said:
            leave_out(number, f"the same place in its chain as line {said[place][0]}")
            continue
        said[place] = (number, row["content"])
        if not place.generation:
            openings[place] = label
    used = set(openings)
    for begun, label in openings.items():
        for agent, model in label["models"].items():
            texts = [said[begun][1]]
            while (place := _Place(begun.chain, int(agent), len(texts))) in said:
                texts.append(said[place][1])
                used.add(place)
            yield Chain(
                model=model, task=label["task"], text=label["text"], seed=label["repetition"],
                texts=tuple(texts), agent=int(agent), temperature=label["temperature"],
                expected=label["generations"], source=f"{source} chain {begun.chain}",
            )  # fmt: skip
    for place, (number, _) in said.items():
        if place not in used:
            leave_out(number, "the text before it in its chain is missing")


def _wrong(label: object) -> str | None:
    """What keeps the object beside a text from being used."""
    if not isinstance(label, dict):
        return "`chain` is no object"
    fits: dict[str, Callable[[Any], bool]] = {
        "number": _is_count, "generation": lambda value: _is_count(value) or value == 0,
        "agent": lambda value: value is None or _is_count(value),
        "task": lambda value: isinstance(value, str), "text": lambda value: isinstance(value, str),
        "repetition": _is_count, "generations": lambda value: value is None or _is_count(value),
        "temperature": lambda value: value is None or type(value) in (int, float),
    }  # fmt: skip
    if label.get("generation") == 0:
        fits["models"] = _are_models
    for name, is_fit in fits.items():
        if name not in label or not is_fit(label[name]):
            return f"`chain` has no usable `{name}`"
    return None


def _is_count(value: object) -> bool:
    return type(value) is int and value > 0


def _are_models(value: object) -> bool:
    return isinstance(value, dict) and all(
        key.isdecimal() and isinstance(model, str) for key, model in value.items()
    )


# ---------------------------------------------------------------- files that name no chains


def _by_scope(
    name: str, lines: Sequence[tuple[int, Row]], leave_out: Callable[[int, str], None]
) -> list[Chain]:
    said: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    for number, row in lines:
        said.setdefault((row["run_id"], row["scope"]), []).append((number, row))
    named: dict[str, str] = {}
    repetitions: dict[str, dict[tuple[str, str], int]] = {}
    chains = []
    for (run_id, scope), own in said.items():
        place = place_of(scope, None)
        whole, agent = (
            (scope.rpartition("/")[0], place.agent) if place and place.agent else (scope, 0)
        )
        messages = [row for _, row in own]
        opening = said.get((run_id, whole)) if agent else None
        if opening:
            messages.insert(0, opening[0][1])
        if len(messages) < 2:
            if not any(other.startswith(f"{scope}/agent-") for _, other in said):
                leave_out(own[0][0], "nobody replied to it")
            continue
        calls = [row["call"] for row in messages if isinstance(row.get("call"), dict)]
        models = dict.fromkeys(str(call.get("model", "")) for call in calls)
        first = messages[0]["content"]
        counted = repetitions.setdefault(first, {})
        chains.append(
            Chain(
                model="+".join(filter(None, models)) or "unknown", task=_TRANSCRIPT,
                text=named.setdefault(first, whole or run_id),
                seed=counted.setdefault((run_id, whole), len(counted) + 1),
                texts=tuple(row["content"] for row in messages), agent=agent or 1,
                temperature=_temperature(calls), source=f"{name}, {run_id} {scope}".strip(),
            )
        )  # fmt: skip
    return chains


def _temperature(calls: Sequence[Row]) -> float | None:
    """The one that all were asked with."""
    found = {
        sampling.get("temperature") if isinstance(sampling := call.get("sampling"), dict) else None
        for call in calls
    }
    only = found.pop() if len(found) == 1 else None
    return float(only) if isinstance(only, (int, float)) else None


def _grouped(name: str, chains: Sequence[Chain]) -> tuple[str, ...]:
    """A sentence where texts were told by their words alone."""
    texts = len({chain.text for chain in chains})
    begun = len({(chain.text, chain.seed) for chain in chains})
    if texts == begun:
        return ()
    return (
        f"{name} does not name tasks and initial texts: {begun} chains were taken for those of "
        f"{texts} initial {'text' if texts == 1 else 'texts'}, since they begin with the same "
        "words. Export the run again, and they have their names.",
    )
