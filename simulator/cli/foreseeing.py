"""Says what a launch would take, before anything is stored or asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.presentation.estimates import estimate_lines, product_text

if TYPE_CHECKING:
    from simulator.cli.output import Output
    from simulator.domain.designs import Design
    from simulator.domain.estimates import Estimate
    from simulator.domain.grids import Grid
    from simulator.services import Services


async def show_estimate(
    output: Output,
    services: Services,
    design: Design,
    grid: Grid,
    repeat: int,
    lines: Callable[[], list[str]] = list,
) -> Estimate:
    """What a launch will take, which is told to people.

    Args:
        output: Where it is told.
        services: Have the models.
        design: What is launched.
        grid: What the launch sets over it.
        repeat: How many runs of each cell.
        lines: Gives what else is told, below the name.

    Raises:
        UsageError: These are too many runs.
    """
    from simulator.estimating import estimate

    found = await estimate(services, design, grid, repeat)
    output.line(design.name, "bold")
    for line in lines():
        output.line(line)
    output.line(product_text(grid, repeat))
    for part in estimate_lines(found):
        output.line(part.text)
    return found


def estimate_document(design: Design, runs: int, found: Estimate) -> dict[str, Any]:
    """An estimate for programs."""
    return {
        "name": design.name, "runs": runs, "calls": found.calls, "scored": found.scored,
        "prompt_tokens": found.prompt_tokens, "completion_tokens": found.completion_tokens,
        "cost_usd": found.cost_usd, "time_s": found.time_s,
    }  # fmt: skip
