"""Runs the stand-in: python -m tests.servers.mongo --help."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers.mongo.server import Server
from tests.servers.mongo.storage import MAX_DOCUMENT_BYTES


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until killed; the first line of output is the port."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.mongo")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--replica-set", default="", metavar="NAME")
    parser.add_argument("--max-bson", type=int, default=MAX_DOCUMENT_BYTES, metavar="BYTES")
    given = parser.parse_args(arguments)
    server = Server(given.folder, given.replica_set, given.max_bson)
    asyncio.run(_serve(server, given.port))


async def _serve(server: Server, port: int) -> None:
    listening = await server.listen(port)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    await listening.serve_forever()


if __name__ == "__main__":
    main()
