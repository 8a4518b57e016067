"""Runs the stand-in: python -m tests.servers.mongo --help."""

from __future__ import annotations

import argparse
import asyncio
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers.mongo.access import ROLES, User
from tests.servers.mongo.server import Server
from tests.servers.mongo.storage import MAX_DOCUMENT_BYTES


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until standard input ends; the first line of output is the port."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.mongo")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True, help="where the data is")
    parser.add_argument("--replica-set", default="", metavar="NAME")
    parser.add_argument(
        "--user", type=_user, action="append", default=[], metavar="NAME:PASSWORD[:ROLE]",
        help=f"all must say who they are then; a role is one of {', '.join(ROLES)}",
    )  # fmt: skip
    parser.add_argument("--tls-cert", type=Path, metavar="PEM", help="certificate and key")
    parser.add_argument("--max-bson", type=int, default=MAX_DOCUMENT_BYTES, metavar="BYTES")
    given = parser.parse_args(arguments)
    tls = None
    if given.tls_cert is not None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(given.tls_cert)
    asyncio.run(_serve(given, tls))


def _user(text: str) -> User:
    name, _, rest = text.partition(":")
    password, _, role = rest.rpartition(":")
    return User.of(name, password, role) if role in ROLES else User.of(name, rest, "readWrite")


async def _serve(given: argparse.Namespace, tls: ssl.SSLContext | None) -> None:
    users = {user.name: user for user in given.user}
    server = Server(given.folder, given.replica_set, given.max_bson, users)
    await server.listen(given.port, tls)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    main()
