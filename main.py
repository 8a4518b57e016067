"""Starts the simulator: `python main.py VERB …` is the command line.

Without a verb it prints the help.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; its exit code."""
    try:
        import signal

        # An exception in the midst of an import may be swallowed there, or come out as another.
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    except KeyboardInterrupt:
        return 130
    from simulator.cli.entry import main as command_line

    if len(sys.argv) > 1:
        return command_line(sys.argv[1:])
    code = command_line(["--help"])
    print("\nThe full-screen app is not part of this version.")  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
