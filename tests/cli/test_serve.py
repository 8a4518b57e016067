"""The app in a browser: what the page is, who may open it, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.cli.shell import ROOT, Shell

pytest.importorskip("textual_serve", reason="the extra `serve` is not installed")

import aiohttp

from simulator.cli.serving import is_loopback, is_our_name

SECRET = "hush-hush-1"
PATIENCE_S = 60.0


@contextmanager
def serving(shell: Shell, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address."""
    process = shell.start("serve", "--port", "0", "--json", *words)
    assert process.stdout is not None
    try:
        event = json.loads(process.stdout.readline())
        while event.get("type") == "warning":
            event = json.loads(process.stdout.readline())
        assert event.get("type") == "serving", event
        yield process, event["url"]
    finally:
        process.kill()
        process.communicate()


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """What the page does: open its socket, and type into it."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/ws?width=100&height=30", headers={"Origin": url}) as terminal,
    ):
        yield terminal


async def drawn(terminal: aiohttp.ClientWebSocketResponse, text: str) -> str:
    """Wait until the app drew a text; all that it drew."""
    seen = ""
    async with asyncio.timeout(PATIENCE_S):
        async for message in terminal:
            if message.type == aiohttp.WSMsgType.BINARY:
                seen += message.data.decode("utf-8", "replace")
            if text in seen:
                return seen
    raise AssertionError(f"{text!r} never came: {seen[-2000:]!r}")


def children(process: subprocess.Popen[str]) -> dict[int, str]:
    """Command lines of all that the process started."""
    found: dict[int, str] = {}
    parents = {process.pid}
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda folder: int(folder.name)):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if parent in parents:
            parents.add(int(folder.name))
            found[int(folder.name)] = line
    return found


def alive(pids: Iterable[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def are_gone(process: subprocess.Popen[str]) -> bool:
    """Wait until nothing is left of what the process started."""
    deadline = time.monotonic() + PATIENCE_S
    while children(process) and time.monotonic() < deadline:
        os.sched_yield()
    return not children(process)


async def get(url: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=headers) as response,
    ):
        return response.status, await response.text(), response.headers


async def test_the_page_is_served_to_this_machine_only(shell: Shell) -> None:
    with serving(shell) as (_, url):
        assert url.startswith("http://127.0.0.1:")
        status, page, headers = await get(url)
        assert status == 200
        assert "LLM Interaction Simulator" in page and str(ROOT) not in page
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        status, script, _ = await get(f"{url}/static/js/textual.js")
        assert status == 200 and script
        port = int(url.rpartition(":")[2])
        for family, *_, address in socket.getaddrinfo(socket.gethostname(), port):
            if address[0] not in ("127.0.0.1", "::1") and not str(address[0]).startswith("127."):
                with socket.socket(family) as other:
                    assert other.connect_ex(address) != 0


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/", {"Host": "evil.example"}), ("/ws", {"Origin": "http://evil.example"})],
)
async def test_pages_of_others_are_refused(
    shell: Shell, path: str, headers: dict[str, str]
) -> None:
    with serving(shell) as (_, url):
        status, text, _ = await get(f"{url}{path}", **headers)
        assert status == 403 and "its own page only" in text


@pytest.mark.parametrize(
    ("requested", "host", "is_ours"),
    [
        ("localhost:8000", "127.0.0.1", True),
        ("127.0.0.1:8000", "127.0.0.1", True),
        ("[::1]:8000", "127.0.0.1", True),
        ("evil.example", "127.0.0.1", False),
        ("127.0.0.1.evil.example:8000", "127.0.0.1", False),
        ("192.168.1.7:8000", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("192.168.1.7:8000", "0.0.0.0", True),
        ("evil.example:8000", "0.0.0.0", False),
        (socket.gethostname(), "0.0.0.0", True),
        ("lab.example:8000", "lab.example", True),
    ],
)
def test_names_that_a_browser_may_use(requested: str, host: str, is_ours: bool) -> None:
    assert is_our_name(requested, host) is is_ours


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("0.0.0.0", False), ("lab", False)],
)
def test_addresses_that_only_this_machine_reaches(host: str, is_local: bool) -> None:
    assert is_loopback(host) is is_local


def test_who_serves_others_is_warned(shell: Shell) -> None:
    process = shell.start("serve", "--host", "0.0.0.0", "--port", "0")
    assert process.stdout is not None and process.stderr is not None
    try:
        assert process.stdout.readline().startswith("The app is at http://0.0.0.0:")
        warning = process.stderr.readline()
        assert warning.startswith("Warning: Anybody who reaches http://0.0.0.0:")
        assert "no password" in warning
    finally:
        process.kill()
        process.communicate()


async def test_the_app_is_used_in_a_browser_and_leaves_no_process(shell: Shell) -> None:
    with serving(shell) as (process, url):
        async with browser(url) as terminal:
            await drawn(terminal, "Experiments")
            assert children(process)
            await terminal.send_json(["stdin", "\x11"])
            async with asyncio.timeout(PATIENCE_S):
                while not terminal.closed:
                    await terminal.receive()
        assert await asyncio.to_thread(are_gone, process)


async def test_a_closed_page_ends_its_app(shell: Shell) -> None:
    with serving(shell) as (process, url):
        async with browser(url) as terminal:
            await drawn(terminal, "Experiments")
        assert await asyncio.to_thread(are_gone, process)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_ends_the_server_and_its_apps(
    shell: Shell, number: signal.Signals, code: int
) -> None:
    with serving(shell) as (process, url):
        async with browser(url) as terminal:
            await drawn(terminal, "Experiments")
            apps = children(process)
            os.kill(process.pid, number)
            assert await asyncio.to_thread(process.wait, PATIENCE_S) == code
        assert apps and not alive(apps)


async def test_a_password_is_neither_on_the_page_nor_in_the_list_of_processes(
    shell: Shell,
) -> None:
    folder = shell.folder / "a b'c"
    folder.mkdir()
    store = f"sqlite:///{folder}/{SECRET}.db"
    with serving(shell, "--store", store) as (process, url):
        _, page, _ = await get(url)
        async with browser(url) as terminal:
            await drawn(terminal, f"{SECRET}.db")
            lines = children(process)
    assert lines and all("main.py" in line and SECRET not in line for line in lines.values())
    assert SECRET not in page


def test_a_port_that_is_taken_is_told(shell: Shell) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, error = shell.error("serve", "--port", str(other.getsockname()[1]))
    assert code == 2
    assert "is taken" in error["message"] and "--port" in error["suggestion"]


def test_an_address_of_others_is_refused(shell: Shell) -> None:
    code, error = shell.error("serve", "--host", "192.0.2.1", "--port", "0")
    assert code == 2 and "no address of this machine" in error["message"]


def test_a_store_that_cannot_be_used_is_told_before_anything_is_served(shell: Shell) -> None:
    code, error = shell.error("serve", "--store", "sqlite:////dev/null/lab.db", "--port", "0")
    assert code == 4 and "cannot be made" in error["message"]


def test_a_missing_package_is_named_with_its_extra(shell: Shell, tmp_path: Path) -> None:
    stub = tmp_path / "stub" / "textual_serve"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text(
        "raise ModuleNotFoundError('No module', name='textual_serve')", encoding="utf-8"
    )
    shell.environment["PYTHONPATH"] = str(stub.parent)
    code, error = shell.error("serve")
    assert code == 2
    assert "textual_serve" in error["message"]
    assert "pip install -e '.[serve]'" in error["suggestion"]
