"""What agents used, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.cli.output import Column, Output
from simulator.presentation.usage import AgentUsage, money_text


def show_usage(output: Output, rows: Sequence[AgentUsage]) -> None:
    """A table of what each agent used."""
    titles = ("CALLS", "IN", "CACHED", "OUT", "REASONING", "COST")
    cells = []
    for row in rows:
        usage = row.usage
        numbers = (
            usage.calls, usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens,
            usage.reasoning_tokens,
        )  # fmt: skip
        counts = [f"{number:,}" for number in numbers]
        cells.append([row.agent, row.model, *counts, money_text(usage) or "free"])
    output.table(
        [Column("AGENT", "bold"), Column("MODEL", "dim", flexible=True),
         *(Column(title, right=True) for title in titles)],
        cells,
    )  # fmt: skip
