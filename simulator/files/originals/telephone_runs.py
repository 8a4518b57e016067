"""Games of the original telephone as experiments: all of a model and a task are one run.

Every text and seed is a chain of it. Games that differ in what agents were asked, in who they were
or in whom they read become runs of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from simulator.domain.designs import place_name
from simulator.domain.journal import MAIN_SCOPE, Step
from simulator.domain.records import IMPORTED, Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.domain.tokens import text_bytes
from simulator.engine.stage import words_hash
from simulator.errors import SimulatorError
from simulator.files.designs import design_document, design_hash
from simulator.files.originals.assembling import Loss
from simulator.files.originals.documents import UNKNOWN_TIME, UnusableError, record_id
from simulator.files.originals.telephone_networks import network_of
from simulator.files.originals.telephone_places import TelephonePlace, place_of_file
from simulator.files.originals.telephones import Game, Setting, TelephoneFault, read_game
from simulator.files.telephone_texts import MAX_TEXT_BYTES
from simulator.kinds.telephone.casting import AGENT, cast, speakers
from simulator.kinds.telephone.design import (
    MOST_CHAINS,
    InitialText,
    OutputFormat,
    Prompts,
    TelephoneDesign,
)
from simulator.kinds.telephone.places import agent_scope, chain_scope
from simulator.kinds.telephone.play import AUTHOR
from simulator.kinds.telephone.rules import problems

STOPPED = "it stops half way"
"""Reason of a loss: a chain that is taken over as far as it goes."""

_Key = tuple[str, int]
"""Name of the initial text, and which repetition of it, from 1."""


@dataclass(frozen=True, slots=True)
class GatheredRun:
    """A run with its experiment, and the files that it comes from."""

    experiment: Experiment
    design: TelephoneDesign
    run: Run
    steps: tuple[Step, ...]
    files: Mapping[tuple[str, int], Path]
    """By the name of the text and its repetition, from 1."""


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    place: TelephonePlace
    game: Game


@dataclass(slots=True)
class _Games:
    """Those that become one run."""

    setting: Setting
    initial: dict[str, str] = field(default_factory=dict)
    """By the name of the text."""
    found: dict[_Key, _Found] = field(default_factory=dict)


def gathered_runs(
    paths: Iterable[Path], *, creator: str = "unknown"
) -> Iterator[GatheredRun | Loss]:
    """The runs that files make, and what is lost of each file.

    Files are read model by model and task by task, so that only those of one are in memory. Equal
    files in folders of equal names have the same ids wherever they are read. A repetition is
    numbered as its folder; where that is not possible, as with several files in one, in order.

    Args:
        paths: As `telephones_in` finds them.
        creator: Whose the records are.
    """
    folders: dict[tuple[object, ...], list[tuple[Path, TelephonePlace]]] = {}
    for path in paths:
        place = place_of_file(path)
        folders.setdefault(place[:3], []).append((path, place))
    for files in folders.values():
        games: dict[Setting, _Games] = {}
        numbers = _repetitions([place for _, place in files])
        for path, place in sorted(files, key=lambda one: (one[1], one[0])):
            yield from _sorted_in(games, path, place, numbers[place.seed, place.output])
        for one in games.values():
            yield from _run_of(one, max(numbers.values()), creator)


def _repetitions(places: Sequence[TelephonePlace]) -> dict[tuple[int, int], int]:
    """The number of a repetition, from 1, by seed and output."""
    pairs = sorted({(place.seed, place.output) for place in places})
    texts = len({place.text for place in places})
    if any(output or not 0 < seed <= MOST_CHAINS // texts for seed, output in pairs):
        return {pair: number for number, pair in enumerate(pairs, 1)}
    return {(seed, output): seed for seed, output in pairs}


def _sorted_in(
    runs: dict[Setting, _Games], path: Path, place: TelephonePlace, repetition: int
) -> Iterator[Loss]:
    try:
        game = read_game(path)
    except TelephoneFault as fault:
        yield Loss(str(path), "chains", fault.place, str(fault))
        return
    except SimulatorError as error:
        yield Loss(str(path), "chains", "the file", error.message)
        return
    games = runs.setdefault(game.setting, _Games(game.setting))
    key = (place.text, repetition)
    if key in games.found:
        other = games.found[key].path
        yield Loss(str(path), "chains", str(other), "another file is of the same text and seed")
        return
    initial = games.initial.setdefault(place.text, game.initial)
    if initial != game.initial:
        what = "another seed of the text begins with other words"
        yield Loss(str(path), "chains", "initial_story", what)
        return
    games.found[key] = _Found(path, place, game)
    if game.behind:
        missing = f"stories[{min(map(len, game.said))}]"
        what = "texts stand behind a missing one"
        yield Loss(str(path), "chains", missing, what, whole=False)


def _run_of(games: _Games, chains: int, creator: str) -> Iterator[GatheredRun | Loss]:
    try:
        design = _design(games, chains)
    except UnusableError as error:
        for found in games.found.values():
            yield Loss(str(found.path), "chains", "the design", str(error))
        return
    for found in games.found.values():
        least = min(map(len, found.game.said))
        if least < design.generations:
            place = f"generation {least} of {design.generations}"
            yield Loss(str(found.path), "chains", place, STOPPED, whole=False)
    yield _gathered(games, design, creator)


def _design(games: _Games, chains: int) -> TelephoneDesign:
    """Raises UnusableError where it would be none that can be run or kept."""
    if sum(map(text_bytes, games.initial.values())) > MAX_TEXT_BYTES:
        raise UnusableError(f"the initial texts are more than {MAX_TEXT_BYTES // 1_000_000} MB")
    try:
        design = _unchecked(games, chains)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        raise UnusableError(f"{place_name(detail['loc'])}: {detail['msg']}") from None
    for problem in problems(design):
        raise UnusableError(str(problem))
    return design


def _unchecked(games: _Games, chains: int) -> TelephoneDesign:
    setting = games.setting
    place = next(iter(games.found.values())).place
    return TelephoneDesign(
        name=_name(place),
        task="own",
        prompts=Prompts(
            name="" if place.task == "own" else place.task, first=setting.first,
            later="" if setting.later == setting.first else setting.later,
        ),
        texts=tuple(InitialText(name=name, text=text) for name, text in games.initial.items()),
        chains=chains,
        generations=max(found.game.generations for found in games.found.values()),
        model=place.models[0],
        models=place.models if len(place.models) > 1 else (),
        sampling=Sampling(temperature=place.temperature),
        personalities=_personalities(setting),
        network=network_of(setting.readers),
        format=OutputFormat(prompt=setting.format_prompt),
    )  # fmt: skip


def _name(place: TelephonePlace) -> str:
    at = "" if place.temperature is None else f", temperature {place.temperature:g}"
    return f"{'+'.join(place.models)}: {place.task}{at}"


def _personalities(setting: Setting) -> tuple[str, ...]:
    """One for all, one for each agent, or along a chain those that take turns."""
    told = setting.personalities
    if len(set(told)) < 2:
        return told[:1]
    if setting.readers:
        return told
    turns = range(1, len(told) + 1)
    return next(
        told[:turn]
        for turn in turns
        if all(a == b for a, b in zip(told, told[turn:], strict=False))
    )


def _gathered(games: _Games, design: TelephoneDesign, creator: str) -> GatheredRun:
    key = words_hash("telephone", *_words(games))
    hash_ = design_hash(design)
    experiment = Experiment(
        id=record_id("experiment", key), name=design.name, kind=design.kind,
        design=design_document(design), design_hash=hash_, creator=creator, original_id=key,
        created_at=UNKNOWN_TIME,
    )  # fmt: skip
    complete = sum(
        all(len(texts) == design.generations for texts in found.game.said)
        for found in games.found.values()
    )
    count = len(games.found)
    detail = f"made by the original program: {count} chains of {design.generations} generations"
    sampling = {"sampling": design.sampling}  # what else was sent is not on record
    run = Run(
        id=record_id("conversation", key), experiment_id=experiment.id, kind=design.kind,
        design_hash=hash_, seed=0, status="completed", original_id=key,
        agents=tuple(agent.model_copy(update=sampling) for agent in cast(design)),
        outcome=Outcome(
            reason=IMPORTED, detail=detail,
            values={"chains": count, "complete": complete, "generations": design.generations},
        ),
        provenance=Provenance(
            simulator_version=IMPORTED, python_version="unknown", platform="unknown"
        ),
        creator=creator, created_at=UNKNOWN_TIME, started_at=UNKNOWN_TIME,
    )  # fmt: skip
    files = {key: found.path for key, found in games.found.items()}
    return GatheredRun(experiment, design, run, tuple(_steps(run, design, games)), files)


def _words(games: _Games) -> Iterator[str]:
    """All that tells a run from others."""
    yield repr(games.setting)
    for (text, repetition), found in games.found.items():
        yield json.dumps(
            [found.place.models, found.place.temperature, found.place.task, text, repetition]
        )
        yield found.game.initial
        yield json.dumps(found.game.said)


def _steps(run: Run, design: TelephoneDesign, games: _Games) -> Iterator[Step]:
    names = {agent.number: agent.name for agent in run.agents}
    first = {text.name: place * design.chains for place, text in enumerate(design.texts)}
    position = 0

    def said(scope: str, index: int, day: int, speaker: str, content: str) -> Step:
        nonlocal position
        position += 1
        return Step(
            run_id=run.id, scope=scope, index=index, position=position - 1, kind="say",
            prompt_hash=words_hash(speaker, content), speaker=speaker,
            role=AGENT if day else "text", content=content, day=day, created_at=run.created_at,
        )  # fmt: skip

    for (text, repetition), found in sorted(games.found.items()):
        scope = f"{MAIN_SCOPE}/{chain_scope(first[text] + repetition)}"
        yield said(scope, 0, 0, AUTHOR, found.game.initial)
        if design.is_sequence:
            for day, content in enumerate(found.game.said[0], 1):
                yield said(scope, day, day, names[speakers(design, day)[0]], content)
            continue
        for number, texts in enumerate(found.game.said, 1):
            inner = f"{scope}/{agent_scope(number)}"
            for day, content in enumerate(texts, 1):
                yield said(inner, day - 1, day, names[number], content)
