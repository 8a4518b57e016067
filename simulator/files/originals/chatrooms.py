"""Chat logs of the original chatroom (Self-Replicating Prompts, ALIFE 2024), read and written.

A log is one JSON object: `config` with `max_iterations`, `max_memory`, `models` and
`system_prompts`, and `chat_history`, a list of messages with `content`, `model` and `seed`. Initial
prompts are messages of the model `given`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from simulator.domain.journal import MAIN_SCOPE, Step
from simulator.domain.records import IMPORTED, Agent, Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.engine.stage import words_hash
from simulator.errors import DesignInvalidError
from simulator.files.designs import design_document, design_hash
from simulator.files.originals.documents import UNKNOWN_TIME, record_id
from simulator.files.reading import opened
from simulator.kinds.chatroom.casting import SPEAKER, cast
from simulator.kinds.chatroom.design import MOST_MODELS, ChatroomDesign, CycleTest
from simulator.kinds.chatroom.play import OPENER, outcome_of

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"(?:config|chat_history)\"\s*:")
_SEEN_BYTES = 4096
GIVEN = "given"
"""The model of initial prompts."""
SEEDS = "seeds"
LARGE = 2**63
_MODELS_NAMED = 4
"""In the name of an experiment."""
KEYS = frozenset({"config", "chat_history"})
_SHAPE = (
    "A log is an object: config holds the list models, and chat_history holds messages, each with "
    "content and model."
)


def is_chatroom(path: Path) -> bool:
    """Whether a file begins as a chat log does; False also where it cannot be read."""
    try:
        with path.open("rb") as file:
            return _BEGINNING.match(file.read(_SEEN_BYTES)) is not None
    except (OSError, ValueError):
        return False


def read_chatroom(
    path: Path, *, creator: str = "unknown"
) -> tuple[Experiment, Run, tuple[Step, ...]]:
    """A file with a log; see `parse_chatroom`.

    Raises:
        NotFoundError: There is no such file.
        PermissionDeniedError: It may not be read.
        DesignInvalidError: It is no log; the message says where.
    """
    with opened(path) as file:
        data = file.read()
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DesignInvalidError(f"{path} is not UTF-8 text.", remedy=_SHAPE) from None
    except json.JSONDecodeError as error:
        raise DesignInvalidError(
            f"{path}, line {error.lineno}: this is no JSON: {error.msg}.", remedy=_SHAPE
        ) from None
    except RecursionError:
        raise DesignInvalidError(f"{path} is nested too deeply.", remedy=_SHAPE) from None
    return parse_chatroom(document, str(path), creator=creator)


def parse_chatroom(
    document: Any, place: str, *, creator: str = "unknown"
) -> tuple[Experiment, Run, tuple[Step, ...]]:
    """A log as an experiment with one completed run.

    What a log does not say is unknown: the run's seed, the test and the sampling. The seeds of
    messages stand in the outcome, as `seeds`: a call on record would be said to have used no
    tokens. Same logs have the same ids wherever they are read.

    Args:
        document: The log.
        place: The file, for errors.
        creator: Whose the records are.

    Raises:
        DesignInvalidError: It is no log; the message says where.
    """
    if not isinstance(document, dict) or not document.keys() >= KEYS:
        raise DesignInvalidError(f"{place} is no chat log.", remedy=_SHAPE)
    log = _Log(document, place)
    design = log.design(f"{Path(place).stem or 'chatroom'}: {_named(log.models)}")
    key = words_hash("chatroom", json.dumps(document, sort_keys=True))
    hash_ = design_hash(design)
    experiment = Experiment(
        id=record_id("experiment", key), name=design.name, kind=design.kind,
        design=design_document(design), design_hash=hash_, creator=creator, original_id=key,
        created_at=UNKNOWN_TIME,
    )  # fmt: skip
    run = Run(
        id=record_id("conversation", key), experiment_id=experiment.id, kind=design.kind,
        design_hash=hash_, seed=0, agents=cast(design), status="completed", original_id=key,
        provenance=Provenance(
            simulator_version=IMPORTED, python_version="unknown", platform="unknown"
        ),
        creator=creator, created_at=UNKNOWN_TIME, started_at=UNKNOWN_TIME,
    )  # fmt: skip
    found = outcome_of(design, [text for _, text, _ in log.messages], log.turns)
    detail = f"made by the original program: {found.detail}"
    seeds: list[JsonValue] = [_stored(seed) for _, _, seed in log.messages]
    told: dict[str, JsonValue] = {SEEDS: seeds} if any(seed is not None for seed in seeds) else {}
    outcome = Outcome(reason=IMPORTED, detail=detail, values={**found.values, **told})
    run = run.model_copy(update={"outcome": outcome})
    return experiment, run, tuple(_steps(run, log))


def write_chatroom(run: Run, design: ChatroomDesign, steps: Sequence[Step]) -> str:
    """A talk as the original writes it, ready for its readers.

    Args:
        run: Any.
        design: Resolved.
        steps: The journal, in any order.
    """
    models = {agent.name: agent.model for agent in run.agents}
    said = sorted((s for s in steps if s.in_transcript), key=lambda step: step.position)
    kept = _kept_seeds(run)
    log = {
        "config": {
            "max_iterations": design.max_iterations,
            "max_memory": design.window,
            "models": list(design.models),
            "system_prompts": [design.system_prompt(n) for n in range(len(design.models))],
        },
        "chat_history": [
            {
                "content": step.content,
                "model": models.get(step.speaker, GIVEN),
                "seed": kept.get(step.index) if step.call is None else step.call.seed,
            }
            for step in said
        ],
    }
    return json.dumps(log, indent=4) + "\n"


def _named(models: Sequence[str]) -> str:
    """Who talks, such as `llama3+gemma`, since many logs have the same file name."""
    more = len(models) - _MODELS_NAMED
    return "+".join(models[:_MODELS_NAMED]) + (f" and {more} more" if more > 0 else "")


def _stored(seed: int | None) -> int | str | None:
    """A seed as every store can keep it: larger ones than 63 bits as digits."""
    return seed if seed is None or -LARGE <= seed < LARGE else str(seed)


def _kept_seeds(run: Run) -> dict[int, int]:
    """Of an imported run, the seeds of messages by their place."""
    seeds = None if run.outcome is None else run.outcome.values.get(SEEDS)
    if run.provenance.simulator_version != IMPORTED or not isinstance(seeds, list):
        return {}
    return {place: int(seed) for place, seed in enumerate(seeds) if isinstance(seed, int | str)}


class _Log:
    def __init__(self, document: Mapping[str, Any], place: str) -> None:
        self._place = place
        config = document.get("config")
        if not isinstance(config, dict):
            raise self._fault("config", "it is no object")
        self._config = config
        self.models = self._texts("models")
        if not 0 < len(self.models) <= MOST_MODELS:
            raise self._fault("config.models", f"there are {len(self.models)} models")
        self._system_prompts = self._texts("system_prompts", may_lack=True)
        history = document.get("chat_history")
        if not isinstance(history, list):
            raise self._fault("chat_history", "it is no list")
        self.messages = [self._message(number, one) for number, one in enumerate(history)]
        """Model, content and seed of each."""
        self.turns = sum(model != GIVEN for model, _, _ in self.messages)

    def design(self, name: str) -> ChatroomDesign:
        opening: list[str] = []
        for model, content, _ in self.messages:
            if model != GIVEN:
                break
            opening.append(content)
        prompts = self._system_prompts
        if len(prompts) > 1 and len(prompts) != len(self.models):
            raise self._fault("config.system_prompts", f"there are {len(prompts)} system prompts")
        return ChatroomDesign(
            name=name, models=tuple(self.models), initial_prompts=tuple(opening),
            system_prompts=tuple(prompts) if any(prompts) else (),
            window=10,  # whatever `max_memory` says, the original shows ten messages
            roles="classic", max_iterations=max(1, self._number("max_iterations", self.turns)),
            cycle=CycleTest(check="fuzzy", classic=True), sampling=Sampling(),
        )  # fmt: skip

    def _message(self, number: int, value: object) -> tuple[str, str, int | None]:
        where = f"chat_history[{number}]"
        if not isinstance(value, dict):
            raise self._fault(where, "it is no object")
        model, content, seed = value.get("model"), value.get("content"), value.get("seed")
        if not isinstance(content, str | None):
            raise self._fault(f"{where}.content", "it is no text")
        if not isinstance(model, str):
            raise self._fault(f"{where}.model", "it is no text")
        if model != GIVEN and model not in self.models:
            raise self._fault(f"{where}.model", f"{model!r} is none of the log's models")
        if isinstance(seed, bool) or not isinstance(seed, int | None):
            raise self._fault(f"{where}.seed", "it is no whole number")
        return model, content or "", seed

    def _texts(self, key: str, *, may_lack: bool = False) -> list[str]:
        value = self._config.get(key)
        if value is None and may_lack:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._fault(f"config.{key}", "it is no list of texts")
        return value

    def _number(self, key: str, usual: int) -> int:
        value = self._config.get(key)
        if value is None:
            return usual
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._fault(f"config.{key}", "it is no whole number of 0 or more")
        return max(value, self.turns)

    def _fault(self, where: str, what: str) -> DesignInvalidError:
        return DesignInvalidError(f"{self._place}: {where}: {what}.", remedy=_SHAPE)


def _steps(run: Run, log: _Log) -> list[Step]:
    """The messages; a log names models, so that of several alike the first one speaks."""
    names: dict[str, Agent] = {}
    for agent in run.agents:
        names.setdefault(agent.model, agent)
    steps = []
    for number, (model, content, _) in enumerate(log.messages):
        speaker = OPENER if model == GIVEN else names[model].name
        steps.append(
            Step(
                run_id=run.id, scope=MAIN_SCOPE, index=number, position=number, kind="say",
                prompt_hash=words_hash(speaker, content), speaker=speaker,
                role="prompt" if model == GIVEN else SPEAKER, content=content,
                created_at=run.created_at,
            )
        )  # fmt: skip
    return steps
