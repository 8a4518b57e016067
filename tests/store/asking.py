"""How the tests of the store ask and wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import pytest

from simulator.domain.journal import Step
from simulator.domain.ports import ExperimentStore

PATIENCE_S = 20
STRANGE_TEXTS = {
    "empty": "",
    "nul": "a\0b\0",
    "lone high": "a\ud800b",
    "lone low": "\udfff",
    "split pair": "\ud83d\ude00",
    "emoji": "\N{GRINNING FACE}",
    "controls": "\x01\x1b[31m\u2028\r\n\t\"'\\ $a.b",
    "combining": "e\u0301 \u00e9",
    "a megabyte": "\u00fc" * 2**20,
}
strange = pytest.mark.parametrize("text", STRANGE_TEXTS.values(), ids=STRANGE_TEXTS)


def following(store: ExperimentStore, run_id: str = "R1", after: int = -1) -> Any:
    """The iterator of `follow` in a form that `async with` closes."""
    return aclosing(cast("Any", store.follow(run_id, after=after)))


async def next_steps(iterator: AsyncIterator[Step], count: int) -> list[Step]:
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(iterator) for _ in range(count)]
