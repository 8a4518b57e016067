"""From the arguments to an exit code: where every error is caught and told."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
from collections.abc import Sequence

import click

from simulator.cli.commands import ReaderLeftError, cli
from simulator.cli.interrupts import INTERRUPTED, Interrupted
from simulator.cli.session import Session
from simulator.errors import SimulatorError, UsageError

BROKEN_PIPE = 128 + 13
HUNG_UP = 128 + 1

_log = logging.getLogger("simulator.cli")


def main(arguments: Sequence[str]) -> int:
    """Run a command line; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    logging.getLogger("simulator").addHandler(logging.NullHandler())
    session = Session()
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    session.output.json = "--json" in options
    try:
        exit_code = carry_out(session, arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except (BrokenPipeError, ReaderLeftError):
        _forget_output()
        exit_code = BROKEN_PIPE
    except OSError as error:
        if not _is_gone(error):
            raise
        exit_code = HUNG_UP
        _forget_output(everything=True)
    if session.log_file is not None:
        session.ended(exit_code)
    return exit_code


def carry_out(session: Session, arguments: Sequence[str]) -> int:
    """Do what a command line says, and tell what goes wrong; its exit code."""
    output = session.output
    try:
        code = cli.main(
            list(arguments), prog_name=session.program, standalone_mode=False, obj=session
        )
        return code if isinstance(code, int) else 0
    except Interrupted as interrupted:
        return interrupted.exit_code
    except click.Abort:
        output.aside("Interrupted.")
        return INTERRUPTED
    except click.ClickException as error:
        return _usage(session, error)
    except click.exceptions.Exit as done:
        return done.exit_code
    except SimulatorError as error:
        return _failed(session, error)
    except (BrokenPipeError, ReaderLeftError):
        raise
    except ExceptionGroup as group:
        known = group.subgroup(SimulatorError)
        if known is None:
            return _unexpected(session, group)
        return _failed(session, _first(known))
    except Exception as fault:
        if _is_gone(fault):
            raise
        return _unexpected(session, fault)


def _is_gone(error: Exception) -> bool:
    """Whether the terminal that we write to was closed."""
    return isinstance(error, OSError) and error.errno == errno.EIO


def _first(group: ExceptionGroup[SimulatorError]) -> SimulatorError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error


def _failed(session: Session, error: SimulatorError) -> int:
    _log.error("%s: %s", error.code, error.message)
    session.output.problem(error)
    return error.exit_code


def _usage(session: Session, error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    remedy = f"See `{context.command_path} --help`." if context is not None else None
    session.output.problem(UsageError(error.format_message(), remedy=remedy))
    return 2


def _unexpected(session: Session, fault: Exception) -> int:
    with contextlib.suppress(Exception):
        _ = session.settings
    if isinstance(fault, ModuleNotFoundError) and fault.name:
        session.output.problem(
            SimulatorError(
                f"The package {fault.name!r} is missing.",
                remedy="Install the program with all it needs: `pip install -e .` beside main.py.",
            )
        )
        return 1
    _log.critical("%s failed unexpectedly", session.verb or "the program", exc_info=fault)
    if session.log_file is not None:
        remedy = f"The log has the details: {session.log_file}"
    else:
        remedy = "No log could be written; set SIMULATOR_LOG_DIR to a folder for one."
    session.output.problem(
        SimulatorError(
            f"The program met a fault of its own: {type(fault).__name__}.", remedy=remedy
        )
    )
    return 1


def _forget_output(*, everything: bool = False) -> None:
    """Nobody reads any more: keep the interpreter from complaining when it flushes."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        if everything:
            os.dup2(nowhere, sys.stderr.fileno())
