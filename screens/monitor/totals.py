"""All live runs in one line: how far, how fast, how dear, how long yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.text import Text

from screens.monitor.rows import bar
from simulator.domain.journal import Usage
from simulator.live_run import LiveRun
from simulator.presentation.moments import duration
from simulator.presentation.usage import usage_text

_LEAST_SHARE = 0.02
"""Of the work, before which nothing is said of the time that is left."""


def totals_text(runs: Iterable[LiveRun], counts: Mapping[str, int], elapsed_s: float) -> Text:
    """Such as `▓▓▓··· 52 %  412 completed  16 playing  0:31 left  1,234 tokens`."""
    listed = list(runs)
    if not listed:
        return Text("")
    known = [live for live in listed if live.plan.turns]
    planned = sum(live.plan.turns or 0 for live in known)
    done = sum(
        (live.plan.turns or 0) if live.run.status == "completed" else live.turns for live in known
    )
    share = min(1.0, done / planned) if planned else 0.0
    parts = [f"{bar(done, planned)} {share:.0%}"]
    parts += [f"{number} {state}" for state, number in sorted(counts.items())]
    if elapsed_s > 0 and _LEAST_SHARE < share < 1 and any(not live.is_over for live in listed):
        parts.append(f"{duration(elapsed_s * (1 - share) / share)} left")
    rate = sum(live.tokens_per_s for live in listed)
    if rate:
        parts.append(f"{rate:,.0f} tokens/s")
    parts.append(usage_text(Usage.total(live.usage for live in listed)))
    return Text("  ".join(parts), no_wrap=True, overflow="ellipsis")
