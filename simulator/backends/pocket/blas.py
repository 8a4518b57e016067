"""Keeps NumPy's matrix library on one thread.

Two reasons: at the pocket model's sizes threads cost many times what they give, and the last
bits of a product depend on how many threads share it, so a run resumed elsewhere would differ.
"""

from __future__ import annotations

import ctypes
import logging
from pathlib import Path

import numpy as np

_log = logging.getLogger(__name__)

_FOLDERS = ("../numpy.libs", ".libs", ".dylibs")
_SETTERS = tuple(
    f"{prefix}openblas_set_num_threads{suffix}"
    for prefix in ("scipy_", "")
    for suffix in ("64_", "")
)


def use_one_thread() -> bool:
    """Set the OpenBLAS that came with NumPy to one thread, for the whole process.

    Returns:
        False when NumPy uses another library; then the environment variables that the package
        sets must do, which they do when NumPy is imported after it.
    """
    home = Path(np.__file__).parent
    for folder in _FOLDERS:
        for path in sorted((home / folder).glob("*openblas*")):
            # The library is loaded already, so this is a handle to the one NumPy calls.
            library = ctypes.CDLL(str(path.resolve()))
            for name in _SETTERS:
                setter = getattr(library, name, None)
                if setter is not None:
                    setter(ctypes.c_int(1))
                    return True
    _log.debug("NumPy does not bundle OpenBLAS; its threads are left as they are")
    return False
