"""What the list of the monitor says of a run, wherever it is played."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from screens.run_states import mark_of
from screens.widgets.columns import OneLine
from simulator.archive import Playing
from simulator.domain.prices import dollars
from simulator.domain.records import Agent, Outlook, Run
from simulator.live_run import LiveRun
from simulator.presentation.notices import short_id
from simulator.presentation.plans import day_word, levels_of, models_text
from simulator.presentation.safe_text import one_line

_BAR_CELLS = 6
_BLOCKS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class RunRow(OneLine):
    """A line of the list."""

    run_id: str
    state: str
    agents: str
    """How many of each role, such as `1v2`."""
    levels: tuple[str, ...]
    """Of the factors, such as `goal=escape`."""
    experiment: str
    model: str
    turns: int
    planned: int | None
    day: int | None = None
    days: int | None = None
    day_word: str = "day"
    """What people call a day of such a run."""
    tokens_per_s: float = 0.0
    cost_usd: float = 0.0
    player: str = ""
    """Who plays it, if that is not us."""
    is_fork: bool = False

    def cells(self, same: Container[str] = ()) -> dict[str, str]:
        """What stands in each column, by its title; no levels that are the `same` in all runs."""
        levels = [level for level in self.levels if level not in same]
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


def levels_in_all(rows: Sequence[RunRow]) -> set[str]:
    """The levels that tell no run from another."""
    every = [set(row.levels) for row in rows]
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
        levels=tuple(map(one_line, live.plan.levels)),
        experiment=one_line(live.plan.name),
        model=one_line(models_text(live.run.agents)),
        turns=live.turns,
        planned=live.plan.turns,
        day=live.ordering.reached(live.day),
        days=live.plan.days,
        day_word=day_word(live.run.kind),
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
    return _row_of_record(
        playing.run, "elsewhere", playing.experiment, playing.messages, playing.outlook,
        player=playing.lease.player,
    )  # fmt: skip


def row_of_left(run: Run, experiment: str, messages: int, outlook: Outlook | None) -> RunRow:
    """A run that nobody plays and that is not at its end."""
    state = "abandoned" if run.status == "running" else run.status
    return _row_of_record(run, state, experiment, messages, outlook)


def _row_of_record(
    run: Run, state: str, experiment: str, messages: int, outlook: Outlook | None, player: str = ""
) -> RunRow:
    planned = None if outlook is None else outlook.turns
    return RunRow(
        run_id=run.id,
        state=state,
        agents=agents_text(run.agents),
        levels=() if outlook is None else tuple(map(one_line, levels_of(outlook))),
        experiment=one_line(experiment),
        model=one_line(models_text(run.agents)),
        # Words of researchers and helpers are among the messages.
        turns=messages if planned is None else min(messages, planned),
        planned=planned,
        day_word=day_word(run.kind),
        cost_usd=run.usage.cost_usd,
        player=one_line(player),
        is_fork=run.forked_from is not None,
    )
