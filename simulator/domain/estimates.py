"""What a launch is expected to take: calls, tokens, money and time, for each model and together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simulator.domain.journal import Usage
from simulator.domain.prices import Price
from simulator.domain.workloads import USUAL_HABITS, Habits, Workload
from simulator.errors import SimulatorError


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model was in earlier runs."""

    s_per_token: float | None
    """Seconds that a token of a reply took, waiting for the model included; None where there was
    none."""
    side_by_side: float
    """How many of its runs were being played at a time, on average; 1 at least."""
    runs: int
    """In how many runs that was measured."""
    s_per_scored_byte: float | None = None
    """Seconds for a byte of answers that were scored; None where none was."""

    def seconds(self, tokens: int, scored_bytes: int) -> float | None:
        """For tokens of replies and bytes of answers to score; None where one is not known."""
        total = 0.0
        for amount, each in ((tokens, self.s_per_token), (scored_bytes, self.s_per_scored_byte)):
            if amount and each is None:
                return None
            total += amount * (each or 0.0)
        return total


@dataclass(frozen=True, slots=True)
class KnownModel:
    """What is known of a model before a launch; None where it is not."""

    model: str
    """`provider/model`."""
    habits: Habits = USUAL_HABITS
    speed: Speed | None = None
    price: Price | None = None
    context_length: int | None = None
    """Tokens of prompt and reply that it can take."""
    is_computed_here: bool = False
    """Whether this machine's processor does its work, so that its runs take turns."""
    problem: SimulatorError | None = None
    """Why it cannot be asked."""

    def alone_s(self, tokens: int, scored_bytes: int) -> float:
        """Seconds of a run that has the model for itself; 0 for want of a measured speed.

        Runs that take turns on this machine waited for each other when its speed was measured.
        """
        if self.speed is None:
            return 0.0
        measured = self.speed.seconds(tokens, scored_bytes) or 0.0
        return measured / self.speed.side_by_side if self.is_computed_here else measured


@dataclass(frozen=True, slots=True)
class ModelEstimate:
    """The part of a launch that one model has."""

    known: KnownModel
    runs: int
    """Those in which it is asked."""
    calls: int
    prompt_tokens: int
    completion_tokens: int
    context_needed: int
    """Tokens of its longest prompt and the longest reply to that."""
    context_limit: int | None
    """Room that it has: its own, or less where the design asks for less. None is unknown."""
    cost_usd: float | None
    """Dollars (US); None for want of a price."""
    time_s: float | None
    """Seconds of this part alone; None for want of a measured speed."""
    scored: int = 0
    """Answers that it says the probabilities of, without a call."""

    @property
    def fits(self) -> bool:
        """Whether prompts and replies are expected to fit, as far as is known."""
        return self.context_limit is None or self.context_needed <= self.context_limit


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Why some cells cannot be run."""

    text: str
    cells: int
    """How many have it."""
    first: int
    """Place of the first of them in the grid."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a launch is expected to take."""

    cells: int
    runs: int
    """Of the cells that can be run."""
    models: tuple[ModelEstimate, ...]
    time_s: float | None
    """Seconds until all runs have ended; None for want of a measured speed."""
    side_by_side: int
    """Runs that are played at a time."""
    problems: tuple[CellProblem, ...]
    bad_cells: frozenset[int]
    """Places of the cells that cannot be run."""
    asks_person: bool
    """Whether somebody must choose who speaks."""

    @property
    def calls(self) -> int:
        """Of all models."""
        return sum(part.calls for part in self.models)

    @property
    def scored(self) -> int:
        """Answers that models say the probabilities of, without a call."""
        return sum(part.scored for part in self.models)

    @property
    def prompt_tokens(self) -> int:
        """Of all models."""
        return sum(part.prompt_tokens for part in self.models)

    @property
    def completion_tokens(self) -> int:
        """Of all models."""
        return sum(part.completion_tokens for part in self.models)

    @property
    def cost_usd(self) -> float | None:
        """Dollars (US); None for want of a price."""
        costs = [part.cost_usd for part in self.models if part.cost_usd is not None]
        return sum(costs) if len(costs) == len(self.models) else None

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Models whose price is not known."""
        return tuple(part.known.model for part in self.models if part.known.price is None)

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Models that no earlier run tells the speed of, for what they shall do."""
        return tuple(part.known.model for part in self.models if part.time_s is None)


@dataclass(slots=True)
class _Part:
    """What is added up for one model."""

    runs: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    context_tokens: int = 0
    scored: int = 0
    scored_bytes: int = 0
    limits: list[int] = field(default_factory=list)


class Reckoning:
    """Adds up cells, one after another."""

    def __init__(self, repeat: int, max_live_runs: int, known: Callable[[str], KnownModel]) -> None:
        """Begin with none.

        Args:
            repeat: How many runs of each cell.
            max_live_runs: How many runs are played at a time, at most.
            known: What is known of a model.
        """
        self._repeat = repeat
        self._max_live_runs = max_live_runs
        self._known = known
        self._cells = 0
        self._parts: dict[str, _Part] = {}
        self._problems: Counter[str] = Counter()
        self._first: dict[str, int] = {}
        self._bad: list[int] = []
        self._longest_s: float = 0.0
        self._asks_person = False

    def add(self, workloads: Iterable[Workload], *, asks_person: bool = False) -> None:
        """A cell that can be run."""
        self._cells += 1
        self._asks_person |= asks_person
        run_s = 0.0
        for work in workloads:
            part = self._parts.setdefault(work.model, _Part())
            part.runs += self._repeat
            part.calls += self._repeat * work.calls
            part.prompt_tokens += self._repeat * work.prompt_tokens
            part.completion_tokens += self._repeat * work.completion_tokens
            part.scored += self._repeat * work.scored
            part.scored_bytes += self._repeat * work.scored_bytes
            part.context_tokens = max(part.context_tokens, work.context_tokens)
            if work.context_limit is not None:
                part.limits = [min([*part.limits, work.context_limit])]
            run_s += self._known(work.model).alone_s(work.completion_tokens, work.scored_bytes)
        self._longest_s = max(self._longest_s, run_s)

    def add_bad(self, problems: Iterable[str]) -> None:
        """A cell that cannot be run, and why."""
        for text in problems:
            self._problems[text] += 1
            self._first.setdefault(text, self._cells)
        self._bad.append(self._cells)
        self._cells += 1

    def estimate(self) -> Estimate:
        """What was added up."""
        runs = self._repeat * (self._cells - len(self._bad))
        places = max(1, min(runs, self._max_live_runs))
        models = tuple(self._model(model, part) for model, part in self._parts.items())
        return Estimate(
            cells=self._cells,
            runs=runs,
            models=models,
            time_s=self._time_s(places),
            side_by_side=places,
            problems=tuple(
                CellProblem(text, cells, self._first[text])
                for text, cells in self._problems.most_common()
            ),
            bad_cells=frozenset(self._bad),
            asks_person=self._asks_person,
        )

    def _model(self, model: str, part: _Part) -> ModelEstimate:
        known = self._known(model)
        own = [] if known.context_length is None else [known.context_length]
        usage = Usage(prompt_tokens=part.prompt_tokens, completion_tokens=part.completion_tokens)
        return ModelEstimate(
            known=known,
            runs=part.runs,
            calls=part.calls,
            prompt_tokens=part.prompt_tokens,
            completion_tokens=part.completion_tokens,
            context_needed=part.context_tokens,
            context_limit=min([*part.limits, *own], default=None),
            cost_usd=None if known.price is None else known.price.cost_usd(usage),
            time_s=self._part_s(known, part),
            scored=part.scored,
        )

    def _part_s(self, known: KnownModel, part: _Part) -> float | None:
        model_s = _model_s(known, part)
        if known.speed is None or model_s is None:
            return None
        if known.is_computed_here:
            return model_s / known.speed.side_by_side
        return model_s / max(1, min(part.runs, self._max_live_runs))

    def _time_s(self, places: int) -> float | None:
        """The longest of three: all places busy, this machine busy, and the longest run."""
        waiting_s, here_s = 0.0, 0.0
        for model, part in self._parts.items():
            known = self._known(model)
            model_s = _model_s(known, part)
            if model_s is None:
                return None
            waiting_s += 0.0 if known.is_computed_here else model_s / places
            here_s += (self._part_s(known, part) or 0.0) if known.is_computed_here else 0.0
        return max(waiting_s, here_s, self._longest_s)


def _model_s(known: KnownModel, part: _Part) -> float | None:
    """Seconds that runs wait for a model, all together; None for want of a measured speed."""
    if known.speed is None:
        return None
    return known.speed.seconds(part.completion_tokens, part.scored_bytes)
