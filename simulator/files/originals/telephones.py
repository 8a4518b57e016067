"""Games of the original telephone (arXiv 2407.04503), one file each: read and written.

A file is one JSON object: `adjacency_matrix`, `prompt_init`, `prompt_update`, `personality_list`,
`format_prompt`, `initial_story` and `stories`. `stories[0]` is what was said first, and not the
initial text. Along a chain each generation is a list of one text; in other networks one of all
agents' texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.analysis.culture.records import Chain
from simulator.domain.records import Run
from simulator.errors import DesignInvalidError
from simulator.files.originals.documents import UnusableError
from simulator.files.originals.telephone_networks import Matrix, Readers, matrix_of, readers_in
from simulator.files.reading import read_text
from simulator.kinds.telephone.casting import speakers
from simulator.kinds.telephone.design import MOST_AGENTS, TelephoneDesign
from simulator.kinds.telephone.prompts import template
from simulator.kinds.telephone.results import readers_of

KEYS = (
    "adjacency_matrix", "prompt_init", "prompt_update", "personality_list", "format_prompt",
    "initial_story", "stories",
)  # fmt: skip
MAX_BYTES = 500_000_000
"""Largest file that is read."""
_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"(?:%s)\"\s*:" % "|".join(KEYS).encode())
_SEEN_BYTES = 4096
_OUTPUT = re.compile(r"output\d*\.json", re.IGNORECASE)
SEED = re.compile(r"seed_?(\d+)", re.IGNORECASE)
"""Name of the folder of one repetition."""
_HALF = re.compile("[\ud800-\udfff]")
SHAPE = f"A game of the original is one object with {', '.join(KEYS[:-1])} and {KEYS[-1]}."


class TelephoneFault(UnusableError):
    """A file that is no game, where in it, and why."""

    def __init__(self, place: str, what: str) -> None:
        """Say what is wrong.

        Args:
            place: Such as `stories[3]`.
            what: A sentence without its end.
        """
        super().__init__(what)
        self.place = place


@dataclass(frozen=True, slots=True)
class Setting:
    """What the games of one run share."""

    readers: Readers
    """Whom each agent of a network reads, itself included, from 1; empty along a chain."""
    agents: int
    first: str
    """What agents are asked in the first generation."""
    later: str
    """What they are asked afterwards."""
    personalities: tuple[str, ...]
    """Of each agent; empty where nobody has one."""
    format_prompt: str


@dataclass(frozen=True, slots=True)
class Game:
    """What one file holds."""

    setting: Setting
    initial: str
    said: tuple[tuple[str, ...], ...]
    """The texts of each agent of a network, or those along a chain, as far as none is missing."""
    generations: int
    """That were asked for."""
    behind: int
    """Texts behind a missing one, which nobody can have read."""

    @property
    def is_complete(self) -> bool:
        """Whether no generation is missing."""
        return all(len(texts) == self.generations for texts in self.said)


def is_telephone(path: Path) -> bool:
    """Whether a file is one of the original's games, be it sound or not.

    It is where it begins as one, or is called `output0.json` in a folder such as `seed_1`.
    """
    if path.suffix.lower() != ".json":
        return False
    if _OUTPUT.fullmatch(path.name) and SEED.fullmatch(path.absolute().parent.name):
        return True
    try:
        with path.open("rb") as file:
            return _BEGINNING.match(file.read(_SEEN_BYTES)) is not None
    except (OSError, ValueError):
        return False


def telephones_in(place: Path) -> list[Path]:
    """The games in a folder and below it, in order; or the file itself, if it is one."""
    files = sorted(place.rglob("*.json")) if place.is_dir() else [place]
    return [path for path in files if path.is_file() and is_telephone(path)]


def read_game(path: Path) -> Game:
    """The game in a file.

    Raises:
        TelephoneFault: It is none; says where and why.
        SimulatorError: It cannot be read; as `read_text`.
    """
    text = read_text(path, max_bytes=MAX_BYTES)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise TelephoneFault(
            f"line {error.lineno}, column {error.colno}", f"no JSON: {error.msg}"
        ) from None
    except (RecursionError, ValueError):
        raise TelephoneFault(
            "the file", "no JSON: nested too deeply, or a number too long"
        ) from None
    return parse_game(document)


def parse_game(document: Any) -> Game:
    """The game in a document. Raises TelephoneFault."""
    if not isinstance(document, dict):
        raise TelephoneFault("the file", "it is no object")
    for key in KEYS:
        if key not in document:
            raise TelephoneFault(key, "it is missing")
    matrix = _matrix(document["adjacency_matrix"])
    stories = _stories(document["stories"])
    initial = document["initial_story"]
    if not isinstance(initial, str):
        raise TelephoneFault("initial_story", "it is no text")
    if _HALF.search(initial):
        raise TelephoneFault("initial_story", "it has half a character, which no design may have")
    agents = len(matrix)
    readers = readers_in(matrix, most_texts=max(map(len, stories), default=0))
    setting = Setting(
        readers=readers, agents=agents, first=_prompt(document, "prompt_init"),
        later=_prompt(document, "prompt_update"), personalities=_personalities(document, agents),
        format_prompt=_one(document, "format_prompt"),
    )  # fmt: skip
    if readers and agents > MOST_AGENTS:
        raise TelephoneFault("adjacency_matrix", f"there are more than {MOST_AGENTS:,} agents")
    if readers:
        return _game_of_network(setting, initial, stories)
    return _game_along_chain(setting, initial, stories)


def write_game(
    run: Run, design: TelephoneDesign, chains: Sequence[Chain], *, indent: int | None = 4
) -> str:
    """A chain, or the chains of all agents of a network, as the original writes them.

    What the original asks without a place for the text, because the text comes last, is written
    as the design has it, with `{text}`.

    Args:
        run: Any.
        design: Resolved.
        chains: Of one initial text and one repetition of it, in the order of agents.
        indent: Spaces of the JSON; None packs it.
    """
    numbers = [
        speakers(design, generation)[0] for generation in range(1, design.generations + 1)
    ] if design.is_sequence else list(speakers(design, 1))  # fmt: skip
    told = {agent.number: agent.system_prompt for agent in run.agents}
    said = [chain.texts[1:] for chain in chains]
    most = max(map(len, said), default=0)
    game = {
        "adjacency_matrix": matrix_of(readers_of(run, design), len(numbers)),
        "prompt_init": [template(design, 1, is_single=True)],
        "prompt_update": [template(design, 2, is_single=design.is_sequence)],
        "personality_list": [told.get(number, "") for number in numbers],
        "format_prompt": [design.format.prompt],
        "initial_story": chains[0].texts[0],
        "stories": [[texts[t] if t < len(texts) else None for texts in said] for t in range(most)],
    }
    return json.dumps(game, indent=indent) + "\n"


def described(path: Path, fault: TelephoneFault) -> DesignInvalidError:
    """The error for a file that a user named."""
    return DesignInvalidError(f"{path}: {fault.place}: {fault}.", remedy=SHAPE)


# ---------------------------------------------------------------- parts of a file


def _matrix(value: object) -> Matrix:
    if not isinstance(value, list) or not value:
        raise TelephoneFault("adjacency_matrix", "it is no list of lists")
    for number, row in enumerate(value):
        place = f"adjacency_matrix[{number}]"
        if not isinstance(row, list):
            raise TelephoneFault(place, "it is no list")
        if len(row) != len(value):
            raise TelephoneFault(place, "the matrix is not square")
        if any(type(one) not in (int, float) or one not in (0, 1) for one in row):
            raise TelephoneFault(place, "it has other entries than 0 and 1")
    return value


def _stories(value: object) -> list[list[str | None]]:
    """What was said in each generation; a generation that is None is empty."""
    if not isinstance(value, list):
        raise TelephoneFault("stories", "it is no list")
    for number, one in enumerate(value):
        place = f"stories[{number}]"
        if one is not None and not isinstance(one, list):
            raise TelephoneFault(place, "it is no list")
        if not all(text is None or isinstance(text, str) for text in one or ()):
            raise TelephoneFault(place, "it has other things than texts")
    return [one or [] for one in value]


def _texts(document: Mapping[str, Any], key: str) -> list[str]:
    value = document[key]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TelephoneFault(key, "it is no list of texts")
    return value


def _one(document: Mapping[str, Any], key: str) -> str:
    """The only text of a list, or the one that all of it are; empty without any."""
    different = dict.fromkeys(_texts(document, key))
    if len(different) > 1:
        raise TelephoneFault(key, "it has several texts, and no design asks each agent another way")
    return next(iter(different), "")


def _prompt(document: Mapping[str, Any], key: str) -> str:
    prompt = _one(document, key)
    if not prompt.strip():
        raise TelephoneFault(key, "there is no prompt in it")
    return prompt


def _personalities(document: Mapping[str, Any], agents: int) -> tuple[str, ...]:
    told = _texts(document, "personality_list")
    if len(told) > 1 and len(told) != agents:
        raise TelephoneFault("personality_list", "it has neither one text nor one for each agent")
    return tuple(told) if any(told) else ()


# ---------------------------------------------------------------- games


def _game_along_chain(setting: Setting, initial: str, stories: list[list[str | None]]) -> Game:
    """Each agent speaks once, so that there are as many generations as agents."""
    said: list[str] = []
    for one in stories:
        if not one or one[0] is None:
            break
        said.append(one[0])
    if len(said) > setting.agents:
        raise TelephoneFault("stories", "there are more texts than agents, who speak once each")
    if not said:
        raise TelephoneFault("stories", "nobody spoke")
    behind = sum(text is not None for one in stories[len(said) :] for text in one)
    return Game(setting, initial, (tuple(said),), setting.agents, behind)


def _game_of_network(setting: Setting, initial: str, stories: list[list[str | None]]) -> Game:
    """Every agent speaks in every generation; one that lacks texts does not say whose."""
    for number, one in enumerate(stories):
        if len(one) > setting.agents:
            raise TelephoneFault(f"stories[{number}]", "there are more texts than agents")
    said: list[tuple[str, ...]] = []
    for agent in range(setting.agents):
        own: list[str] = []
        for one in stories:
            text = one[agent] if len(one) == setting.agents else None
            if text is None:
                break
            own.append(text)
        said.append(tuple(own))
    if not any(said):
        raise TelephoneFault("stories", "nobody spoke")
    all_ = sum(text is not None for one in stories for text in one)
    return Game(setting, initial, tuple(said), len(stories), all_ - sum(map(len, said)))
