"""Starts the simulator: `python main.py VERB …` is the command line.

Without a verb it prints the help.
"""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the command line; its exit code."""
    # An exception in the middle of an import may be swallowed there or come out as another one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from simulator.cli.entry import main as command_line

    if len(sys.argv) > 1:
        return command_line(sys.argv[1:])
    code = command_line(["--help"])
    print("\nThe full-screen app is not part of this version.")  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
