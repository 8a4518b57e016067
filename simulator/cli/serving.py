"""The full-screen app in browsers: a page, and a process of the app for everyone who opens it."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import shlex
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiohttp_jinja2
from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.server import Server

from simulator.errors import PermissionDeniedError, SimulatorError, UsageError

TITLE = "LLM Interaction Simulator"
PARTING_S = 20.0
"""Seconds that apps have to put their runs in order when the server ends."""
LARGEST_FONT, USUAL_FONT, SMALLEST_FONT = 64, 16, 6
"""In pixels."""


class AppServer(Server):
    """Answers only those who open its own page.

    A page of somebody else's in the same browser can neither open the app by its socket, nor be
    taken for ours under a name that leads here.
    """

    def __init__(self, command: Sequence[str], host: str) -> None:
        """Make one.

        Args:
            command: Starts the app.
            host: The address to be served on.
        """
        line = subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
        super().__init__(line, host=host, title=TITLE)
        self._sessions: set[asyncio.Task[Any]] = set()

    async def application(self) -> web.Application:
        """What is served, for no other pages than ours."""
        application = await self._make_app()
        application.middlewares.append(self._only_ours)
        return application

    @web.middleware
    async def _only_ours(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        is_strange = origin is not None and urlsplit(origin).netloc != request.host
        if is_strange or not is_our_name(request.host, self.host):
            raise web.HTTPForbidden(text="The app is served to its own page only.\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = _policy(request.host)
        return response

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is told here: whoever serves it tells it in the words of the program."""

    async def on_shutdown(self, app: web.Application) -> None:
        """Leave the apps, which put their runs in order."""
        sessions = list(self._sessions)
        for session in sessions:
            session.cancel()
        if sessions:
            await asyncio.wait(sessions, timeout=PARTING_S)

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page, which finds all it needs where it came from itself."""
        static = request.app.router["static"].url_for(filename="/")
        socket_path = request.app.router["websocket"].url_for()
        context = {
            "font_size": _font_size(request.query.get("fontsize", "")),
            "app_websocket_url": f"ws://{request.host}{socket_path}",
            "config": {"static": {"url": f"{str(static).rstrip('/')}/"}},
            "application": {"name": self.title},
        }
        return aiohttp_jinja2.render_template("app_index.html", request, context)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One use of the app, for as long as its page is open."""
        session = asyncio.current_task()
        assert session is not None
        self._sessions.add(session)
        try:
            return await super().handle_websocket(request)
        finally:
            self._sessions.discard(session)


@asynccontextmanager
async def served(command: Sequence[str], host: str, port: int) -> AsyncIterator[str]:
    """Serve the app for as long as the block runs; gives the address to open.

    Args:
        command: Starts the app.
        host: A name or address of this machine.
        port: 0 takes any that is free.

    Raises:
        SimulatorError: It cannot be served there.
    """
    server = AppServer(command, host)
    application = await server.application()
    runner = web.AppRunner(application, shutdown_timeout=PARTING_S, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise _refused(host, port, error) from error
        named = f"[{host}]" if ":" in host else host
        yield f"http://{named}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_our_name(requested: str, host: str) -> bool:
    """Whether a browser asks for us by a name that nobody else can let lead here.

    Args:
        requested: What stands in the browser's address, with or without a port.
        host: What we are served on.
    """
    name = urlsplit(f"//{requested}").hostname or ""
    if name in ("localhost", host.casefold()) or is_loopback(name):
        return True
    if is_loopback(host):
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in {socket.gethostname().casefold(), socket.getfqdn().casefold()}
    return True


def _policy(host: str) -> str:
    """What the page may load: nothing from elsewhere."""
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:; connect-src 'self' ws://{host}; frame-ancestors 'none'"
    )


def _font_size(text: str) -> int:
    size = int(text) if text.isascii() and text.isdecimal() else USUAL_FONT
    return min(LARGEST_FONT, max(SMALLEST_FONT, size))


def _refused(host: str, port: int, error: OSError) -> SimulatorError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"Port {port} of {host} is taken by another program.",
            remedy="Choose another with --port; 0 takes any that is free.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return PermissionDeniedError(
            f"Port {port} may not be used.", remedy="Choose one from 1024 on, with --port."
        )
    return UsageError(
        f"{host} is no address of this machine: {error.strerror or error}.",
        remedy="Leave --host out to serve this machine only, or name one of its addresses.",
    )
