"""Two transcripts, up to where they part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from simulator.cli.output import Output
from simulator.cli.voices import Printer
from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.presentation.notices import short_id
from simulator.presentation.wording import counted


def first_difference(left: Sequence[Step], right: Sequence[Step]) -> int | None:
    """Place of the first message that two transcripts do not share; None if all are alike."""
    for place, (one, other) in enumerate(zip_longest(left, right)):
        if one is None or other is None:
            return place
        if (one.speaker, one.day, one.content) != (other.speaker, other.day, other.content):
            return place
    return None


def show_comparison(
    output: Output, left: tuple[Run, Sequence[Step]], right: tuple[Run, Sequence[Step]]
) -> None:
    """Tell how much two runs share, and show the message of each where they part."""
    transcripts = [[step for step in steps if step.in_transcript] for _, steps in (left, right)]
    place = first_difference(*transcripts)
    if place is None:
        output.line(f"All {counted(len(transcripts[0]), 'message')} are the same.")
        return
    output.line(f"The same up to here: {counted(place, 'message')}. Then:")
    for (run, _), transcript in zip((left, right), transcripts, strict=True):
        output.line()
        output.line(f"run {short_id(run.id)}", "bold")
        if place == len(transcript):
            output.line("ends here")
            continue
        Printer(output, run.agents, numbered=True).message(transcript[place])
        if more := len(transcript) - place - 1:
            output.line(f"and {counted(more, 'message')} after it", "dim")
