"""Starts the simulator: `python main.py` is the app, `python main.py VERB …` the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_OF_THE_APP = ("--store", "--log-level")


def main() -> int:
    """Run the app or the command line; the exit code."""
    try:
        import signal

        # An exception in the midst of an import may be swallowed there, or come out as another.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    except KeyboardInterrupt:
        return 130
    arguments = sys.argv[1:]
    if _wants_app(arguments):
        # `serve` names the driver with which a browser is the terminal.
        in_browser = "TEXTUAL_DRIVER" in os.environ
        if in_browser or (sys.stdin.isatty() and sys.stdout.isatty()):
            from screens.start import main as app

            return app(arguments)
        arguments = arguments or ["--help"]
    from simulator.cli.entry import main as command_line

    return command_line(arguments)


def _wants_app(arguments: Sequence[str]) -> bool:
    """Whether there is no verb, but at most options that the app has too."""
    rest = list(arguments)
    while rest:
        option, equals, _ = rest.pop(0).partition("=")
        if option not in _OF_THE_APP:
            return False
        if not equals and rest:
            rest.pop(0)
    return True


if __name__ == "__main__":
    sys.exit(main())
