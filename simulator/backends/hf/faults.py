"""What who asked is told when the decoder fails."""

from __future__ import annotations

import torch

from simulator.errors import BackendError, SimulatorError


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device, or a processor's memory, was too small."""
    text = str(error).lower()
    return (
        isinstance(error, (torch.OutOfMemoryError, MemoryError))
        or "can't allocate memory" in text
        or "out of memory" in text
    )


def told_of(error: Exception, name: str) -> SimulatorError:
    """The error for who asked the model of a name."""
    if isinstance(error, SimulatorError):
        return error
    first = (str(error).strip().splitlines() or [""])[0]
    if is_out_of_memory(error):
        return BackendError(
            f"{name} ran out of memory: {first[:200]}",
            remedy="Give keys and values less room (memory_mb=…), or answer fewer requests at a "
            "time (rows=…).",
        )
    return BackendError(f"{name} failed: {type(error).__name__}: {first}")


def closed(name: str) -> BackendError:
    """What a model that was closed answers."""
    return BackendError(f"{name} was closed.")
