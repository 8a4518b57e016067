"""What the list of the monitor says of a run, wherever it is played."""

from __future__ import annotations

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass

from screens.run_states import mark_of
from simulator.archive import Playing
from simulator.domain.prices import dollars
from simulator.domain.records import Agent, Outlook, Run
from simulator.live_run import LiveRun
from simulator.presentation.notices import short_id
from simulator.presentation.plans import condition_text, models_text
from simulator.presentation.safe_text import one_line

_BAR_CELLS = 6
_BLOCKS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A line of the list."""

    run_id: str
    state: str
    agents: str
    """How many of each role, such as `1v2`."""
    condition: str
    """Levels of the factors, such as `goal=escape, risks=no`."""
    experiment: str
    model: str
    turns: int
    planned: int | None
    day: int | None = None
    days: int | None = None
    tokens_per_s: float = 0.0
    cost_usd: float = 0.0
    player: str = ""
    """Who plays it, if that is not us."""
    is_fork: bool = False

    def cells(self, same: Container[str] = ()) -> dict[str, str]:
        """What stands in each column, by its title; no levels that are the `same` in all runs."""
        levels = [level for level in levels_of(self.condition) if level not in same]
        days = f"/{self.days}" if (self.days or 0) > 1 else ""
        return {
            "": mark_of(self.state),
            "run": ("↳" if self.is_fork else "") + short_id(self.run_id),
            "agents": " ".join([self.agents, ", ".join(levels)]).strip(),
            "done": bar(self.turns, self.planned),
            "turn": f"{self.turns}" + ("" if self.planned is None else f"/{self.planned}"),
            "day": "" if self.day is None else f"{self.day}{days}",
            "tok/s": f"{self.tokens_per_s:.0f}" if self.tokens_per_s else "",
            "cost": dollars(self.cost_usd) if self.cost_usd else "",
            "experiment": self.player or self.experiment,
            "model": self.model,
        }

    # ------------------------------------------------------------ see `screens.widgets.rows.Row`

    @property
    def height(self) -> int:
        """One line."""
        return 1

    def wrap(self, columns: Hashable) -> None:
        """The same at any width."""

    def find(self, most: int | None) -> bool:
        """Nothing to find."""
        return True

    def place(self, line: int) -> int:
        """The line itself."""
        return line

    def line_at(self, place: int) -> int:
        """The line itself."""
        return place


def levels_of(condition: str) -> list[str]:
    """Such as `goal=escape`, of each factor."""
    return [level for level in condition.split(", ") if level]


def levels_in_all(rows: Sequence[RunRow]) -> set[str]:
    """The levels that tell no run from another."""
    every = [set(levels_of(row.condition)) for row in rows]
    return set.intersection(*every) if every else set()


def bar(done: int, planned: int | None) -> str:
    """How much is done, drawn in eighths of a cell."""
    if not planned:
        return "·" * _BAR_CELLS
    eighths = min(_BAR_CELLS * 8, done * _BAR_CELLS * 8 // planned)
    full, rest = divmod(eighths, 8)
    partly = _BLOCKS[rest] if rest else ""
    return f"{'█' * full}{partly}".ljust(_BAR_CELLS, "·")


def agents_text(agents: Sequence[Agent]) -> str:
    """Such as `1v2`: how many of each role."""
    counts: dict[str, int] = {}
    for agent in agents:
        if agent.number:
            counts[agent.role] = counts.get(agent.role, 0) + 1
    return "v".join(map(str, counts.values()))


def row_of_live(live: LiveRun) -> RunRow:
    """A run that this process plays."""
    return RunRow(
        run_id=live.run.id,
        state=state_of(live),
        agents=agents_text(live.run.agents),
        condition=one_line(live.plan.condition),
        experiment=one_line(live.plan.name),
        model=one_line(models_text(live.run.agents)),
        turns=live.turns,
        planned=live.plan.turns,
        day=live.day,
        days=live.plan.days,
        tokens_per_s=live.tokens_per_s,
        cost_usd=live.usage.cost_usd,
        is_fork=live.run.forked_from is not None,
    )


def state_of(live: LiveRun) -> str:
    """Its state in a word."""
    if live.is_over:
        return live.run.status
    return "asks" if live.question is not None else live.state


def row_of_playing(playing: Playing) -> RunRow:
    """A run that another process plays."""
    outlook = playing.outlook
    planned = None if outlook is None else outlook.turns
    return RunRow(
        run_id=playing.run.id,
        state="elsewhere",
        agents=agents_text(playing.run.agents),
        condition="" if outlook is None else one_line(condition_text(outlook)),
        experiment=one_line(playing.experiment),
        model=one_line(models_text(playing.run.agents)),
        turns=playing.messages if planned is None else min(playing.messages, planned),
        planned=planned,
        cost_usd=playing.run.usage.cost_usd,
        player=one_line(playing.lease.player),
        is_fork=playing.run.forked_from is not None,
    )


def row_of_left(run: Run, experiment: str, messages: int, outlook: Outlook | None) -> RunRow:
    """A run that nobody plays and that is not at its end."""
    planned = None if outlook is None else outlook.turns
    return RunRow(
        run_id=run.id,
        state="abandoned" if run.status == "running" else run.status,
        agents=agents_text(run.agents),
        condition="" if outlook is None else one_line(condition_text(outlook)),
        experiment=one_line(experiment),
        model=one_line(models_text(run.agents)),
        turns=messages if planned is None else min(messages, planned),
        planned=planned,
        cost_usd=run.usage.cost_usd,
        is_fork=run.forked_from is not None,
    )
