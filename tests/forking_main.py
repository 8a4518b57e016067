"""Imports all that `main.py` imports, then runs it in a fork for each order on standard input.

An order is a byte with four open files: the program's input, output and errors, and a socket. On
the socket come the command, folder and environment, and back go the process id and exit code.
"""

import atexit
import contextlib
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import termios
import threading
from pathlib import Path
from typing import Any, NoReturn

import simulator
from simulator.process import provenance

MAIN = Path(__file__).resolve().parents[1] / "main.py"


def prepare() -> None:
    """Import every module that most commands may import; the smaller it is, the quicker a fork."""
    for module in pkgutil.walk_packages(simulator.__path__, "simulator."):
        if not any(part in module.name for part in (".training", ".hf")):
            importlib.import_module(module.name)
    provenance()  # asks git, once for all forks
    gc.collect()
    gc.freeze()


def serve() -> None:
    """Fork for each order; returns in a process that is to be the program."""
    orders = socket.socket(fileno=0)
    keepers: list[int] = []
    while True:
        _, files, _, _ = socket.recv_fds(orders, 1, 4)
        if not files:
            for keeper in keepers:
                os.waitpid(keeper, 0)
            sys.exit()
        keepers.append(os.fork())
        if keepers[-1] == 0:
            orders.detach()
            return keep(files)
        for file in files:
            os.close(file)
        while keepers and os.waitpid(keepers[0], os.WNOHANG) != (0, 0):
            del keepers[0]


def keep(files: list[int]) -> None:
    """Start the program in a fork, in which this returns, and tell what becomes of it."""
    *standard, answers = files
    with socket.socket(fileno=answers) as answer:
        with answer.makefile() as asked:
            order = json.load(asked)
        pid = os.fork()
        if pid != 0:
            for file in (0, 1, 2, *standard):
                os.close(file)
            answer.sendall(f"{pid}\n".encode())
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            answer.sendall(f"{code}\n".encode())
            os._exit(0)
    become(order, standard)


def become(order: dict[str, Any], standard: list[int]) -> None:
    """Take the place that a new process would have."""
    for number, file in enumerate(standard):
        os.dup2(file, number)
        os.close(file)
    if os.isatty(0):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        for name, mode in {"stdin": "r", "stdout": "w", "stderr": "w"}.items():
            # Those of the forked process would seek, which no terminal can.
            number = getattr(sys, name).fileno()
            stream = open(number, mode, buffering=1, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.orig_argv[:] = order["command"]
    sys.argv[:] = order["command"][1:]
    sys.path[0] = str(MAIN.parent)


def end(code: int) -> NoReturn:
    """End as a process does, but leave what was imported as it is: to take it apart takes longest.

    What the program itself has left is looked through, so that files it forgot are warned of.
    """
    gc.collect()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    prepare()
    serve()
    try:
        runpy.run_path(str(MAIN), run_name="__main__")
    except SystemExit as ended:
        assert isinstance(ended.code, int)
        end(ended.code)
