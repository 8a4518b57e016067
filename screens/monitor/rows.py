"""What the list of the monitor says of a run, wherever it is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from simulator.archive import Playing
from simulator.domain.prices import dollars
from simulator.domain.records import Agent, Run
from simulator.live_run import LiveRun
from simulator.presentation.notices import short_id
from simulator.presentation.plans import condition_text, models_text
from simulator.presentation.safe_text import one_line

MARKS = {
    "playing": "▶", "paused": "‖", "waiting": "…", "asks": "?", "queued": "…", "running": "▶",
    "completed": "✓", "failed": "✗", "cancelled": "■", "abandoned": "!", "elsewhere": "»",
}  # fmt: skip
"""One character for each state, beside which the state also stands in words."""
_BAR_CELLS = 6
_BLOCKS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A line of the list."""

    run_id: str
    state: str
    agents: str
    """How many of each role, such as `1v2`, with the levels of the factors."""
    experiment: str
    model: str
    turns: int
    planned: int | None
    day: int | None = None
    tokens_per_s: float = 0.0
    cost_usd: float = 0.0
    player: str = ""
    """Who plays it, if that is not us."""

    def cells(self) -> tuple[Text, ...]:
        """As the table shows them."""
        of = "" if self.planned is None else f"/{self.planned}"
        rate = f"{self.tokens_per_s:.0f}" if self.tokens_per_s else ""
        return (
            Text(MARKS.get(self.state, "?")),
            Text(self.agents),
            bar(self.turns, self.planned),
            Text(f"{self.turns}{of}", justify="right"),
            Text(rate, justify="right"),
            Text(dollars(self.cost_usd) if self.cost_usd else "", justify="right"),
            Text("" if self.day is None else str(self.day), justify="right"),
            Text(self.player or self.experiment),
            Text(self.model),
            Text(short_id(self.run_id)),
        )


COLUMNS = ("", "agents", "done", "turn", "tok/s", "cost", "day", "experiment", "model", "run")


def bar(done: int, planned: int | None) -> Text:
    """How much is done, drawn in eighths of a cell."""
    if not planned:
        return Text("·" * _BAR_CELLS)
    eighths = min(_BAR_CELLS * 8, done * _BAR_CELLS * 8 // planned)
    full, rest = divmod(eighths, 8)
    partly = _BLOCKS[rest] if rest else ""
    return Text(f"{'█' * full}{partly}".ljust(_BAR_CELLS, "·"))


def agents_text(agents: Sequence[Agent], condition: str) -> str:
    """Such as `1v2 escape`: how many of each role, and the levels of the factors."""
    counts: dict[str, int] = {}
    for agent in agents:
        if agent.number:
            counts[agent.role] = counts.get(agent.role, 0) + 1
    levels = " ".join(part.partition("=")[2] for part in condition.split(", ") if part)
    return one_line(f"{'v'.join(map(str, counts.values()))} {levels}".strip())


def row_of_live(live: LiveRun) -> RunRow:
    """A run that this process plays."""
    return RunRow(
        run_id=live.run.id,
        state=state_of(live),
        agents=agents_text(live.run.agents, live.plan.condition),
        experiment=one_line(live.plan.name),
        model=one_line(models_text(live.run.agents)),
        turns=live.turns,
        planned=live.plan.turns,
        day=live.day,
        tokens_per_s=live.tokens_per_s,
        cost_usd=live.usage.cost_usd,
    )


def state_of(live: LiveRun) -> str:
    """Its state in a word."""
    if live.is_over:
        return live.run.status
    return "asks" if live.question is not None else live.state


def row_of_playing(playing: Playing) -> RunRow:
    """A run that another process plays."""
    outlook = playing.outlook
    condition = "" if outlook is None else condition_text(outlook)
    return RunRow(
        run_id=playing.run.id,
        state="elsewhere",
        agents=agents_text(playing.run.agents, condition),
        experiment=one_line(playing.experiment),
        model=one_line(models_text(playing.run.agents)),
        turns=playing.messages,
        planned=None if outlook is None else outlook.turns,
        cost_usd=playing.run.usage.cost_usd,
        player=one_line(playing.lease.player),
    )


def row_of_left(run: Run, experiment: str, messages: int) -> RunRow:
    """A run that nobody plays and that is not at its end."""
    return RunRow(
        run_id=run.id,
        state="abandoned" if run.status == "running" else run.status,
        agents=agents_text(run.agents, ""),
        experiment=one_line(experiment),
        model=one_line(models_text(run.agents)),
        turns=messages,
        planned=None,
        cost_usd=run.usage.cost_usd,
    )
