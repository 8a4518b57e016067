"""Starts the stand-in in a process of its own, kills it, stops it and starts it again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote_plus

from tests.servers.process import ROOT


class MongoServer:
    """The stand-in with its data in a folder; it runs while it is entered.

    Args:
        folder: Where its data is, which outlives the process; made if need be.
        replica_set: Its name; empty for a server that stands alone.
        options: More of its command line; see `python -m tests.servers.mongo --help`.
    """

    def __init__(
        self, folder: Path, *, replica_set: str = "rs0", options: Sequence[str] = ()
    ) -> None:
        self.folder = folder
        self.replica_set = replica_set
        self.port = 0
        """Taken at the first start and kept ever after."""
        self._options = list(options)
        self._process: subprocess.Popen[str] | None = None

    @property
    def uri(self) -> str:
        """Where it is, without a user."""
        return self.uri_for()

    def uri_for(self, user: str = "", password: str = "", *, options: str = "") -> str:
        """Where it is, for a user, with more options such as `tls=true`."""
        who = f"{quote_plus(user)}:{quote_plus(password)}@" if user else ""
        asked = [f"replicaSet={self.replica_set}"] if self.replica_set else []
        asked += [options] if options else []
        return f"mongodb://{who}127.0.0.1:{self.port}/?{'&'.join(asked)}".rstrip("?")

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    def start(self) -> Self:
        """Start it, and wait until it can be connected to."""
        assert self._process is None, "the server is running"
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable, "-m", "tests.servers.mongo", "--port", str(self.port),
            "--folder", str(self.folder), "--replica-set", self.replica_set, *self._options,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            self._end()
            raise RuntimeError(f"the server did not start: {' '.join(command)}")
        self.port = int(line)
        return self

    def kill(self) -> None:
        """End it with SIGKILL: no goodbye to anybody."""
        os.kill(self.pid, signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def restart(self) -> Self:
        """Start it again with the same port and data, after killing it if it runs."""
        self.stop()
        return self.start()

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self) -> None:
        assert self._process is not None
        process, self._process = self._process, None
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
