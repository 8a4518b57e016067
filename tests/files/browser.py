"""A real browser without a window, driven through its own protocol over two pipes."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE_S = 60.0


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._unread = b""
        self._calls = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        self._calls += 1
        number = self._calls
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        sent = json.dumps(message).encode() + b"\0"
        while sent:
            sent = sent[os.write(self._to, sent) :]
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.events.append(answer)

    def do(self, expression: str) -> Any:
        """The value of an expression in the page."""
        done = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def open(self, file: Path, at: str = "") -> None:
        """Load a report, and wait until it shows."""
        self.call("Page.navigate", url="about:blank")
        self.events.clear()
        self.call("Page.navigate", url=f"{file.as_uri()}{at}")
        deadline = time.monotonic() + PATIENCE_S
        while not self.do("location.protocol === 'file:' && document.readyState === 'complete'"):
            assert time.monotonic() < deadline
        self.do(
            "new Promise((ready) => { const look = () => document.documentElement.dataset.ready"
            " || !document.getElementById('problem').hidden ? ready() : setTimeout(look, 5);"
            " look(); })"
        )

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key)

    def text(self, selector: str) -> str:
        found: str = self.do(f"document.querySelector({json.dumps(selector)}).textContent")
        return found

    def choose(self, selector: str, name: str) -> None:
        """Take the option of that name."""
        self.do(
            f"(() => {{ const list = document.querySelector({json.dumps(selector)});"
            f" list.value = [...list.options].find((o) => o.text === {json.dumps(name)}).value;"
            " list.dispatchEvent(new Event('change')); })()"
        )

    def type(self, selector: str, text: str) -> None:
        self.do(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def requested(self) -> list[str]:
        """What was asked for since the page was opened."""
        self.do("0")
        sent = [e for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [event["params"]["request"]["url"] for event in sent]

    def complaints(self) -> list[dict[str, Any]]:
        """Exceptions, and what the console or the policy of contents objects to."""
        self.do("0")
        kinds = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
        return [event for event in self.events if event.get("method") in kinds]

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self._unread:
            left = max(0.0, deadline - time.monotonic())
            assert select.select([self._from], [], [], left)[0], "the browser stays silent"
            data = os.read(self._from, 1 << 20)
            assert data, "the browser has gone"
            self._unread += data
        message, _, self._unread = self._unread.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@contextmanager
def opened_browser(program: str, folder: Path) -> Iterator[Page]:
    """A browser that finds no host, with a profile of its own in a folder."""
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()

    def take_pipes() -> None:
        # Where the numbers lie the other way round, one would be closed before it is copied.
        source, sink = os.dup(in_read), os.dup(out_write)
        os.dup2(source, 3)
        os.dup2(sink, 4)

    process = subprocess.Popen(
        [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-extensions",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}",
        ],
        preexec_fn=take_pipes, close_fds=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    os.close(in_read)
    os.close(out_write)
    try:
        yield Page(in_write, out_read)
    finally:
        os.close(in_write)
        os.close(out_read)
        # Its own group: a browser is many processes.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)
