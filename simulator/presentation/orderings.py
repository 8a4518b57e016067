"""How the runs of each kind are read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from simulator.errors import DesignInvalidError
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.presentation.chain_ordering import ChainOrdering, TelephoneOrdering
from simulator.presentation.debate_ordering import DebateOrdering, QuestionOrdering
from simulator.presentation.iterated_ordering import GenerationOrdering, IteratedOrdering
from simulator.presentation.ordering import ChatroomOrdering, Ordering


def ordering_of(kind: str, design: Any, *, by_time: bool = False) -> Ordering:
    """How a run is read.

    Args:
        kind: Of the run.
        design: Resolved; None where it is not at hand, or cannot be read any more.
        by_time: Whether parts that were played side by side are read as they were said.
    """
    with suppress(DesignInvalidError):
        if isinstance(design, DebateDesign):
            return DebateOrdering(design, by_time=by_time)
        if isinstance(design, TelephoneDesign):
            return TelephoneOrdering(design, by_time=by_time)
        if isinstance(design, IteratedDesign):
            return IteratedOrdering(design, by_time=by_time)
    if kind == "debate":
        return QuestionOrdering(by_time=by_time)
    if kind == "telephone":
        return ChainOrdering(by_time=by_time)
    if kind == "iterated":
        return GenerationOrdering(by_time=by_time)
    return ChatroomOrdering() if kind == "chatroom" else Ordering()
