"""Signals met within this process: what no child can be made to meet on the instant."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from asyncio.selector_events import BaseSelectorEventLoop

import pytest

from simulator.cli.interrupts import Interrupted, Interrupts


def test_a_signal_while_the_event_loop_is_made_leaves_no_half_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make = BaseSelectorEventLoop._make_self_pipe  # type: ignore[attr-defined]

    def signalled(loop: asyncio.AbstractEventLoop) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        make(loop)

    async def main() -> None:
        await asyncio.Event().wait()

    interrupts = Interrupts(print)
    unraisable: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", unraisable.append)
    monkeypatch.setattr(BaseSelectorEventLoop, "_make_self_pipe", signalled)
    with interrupts.raised(), pytest.raises(Interrupted) as interrupted:
        interrupts.run(main)
    assert interrupted.value.exit_code == 143
    del interrupted
    gc.collect()
    assert unraisable == []
