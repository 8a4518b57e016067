"""The fail point `failCommand`, as real servers have it for tests, with three things more."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.mongo.clock import CLOCK
from tests.servers.mongo.errors import CommandError, code_name, names, not_implemented
from tests.servers.mongo.registry import argument, check_fields, command
from tests.servers.mongo.values import Document, is_number

if TYPE_CHECKING:
    from tests.servers.mongo.server import Connection

_DATA = names(
    "failCommands errorCode closeConnection blockConnection blockTimeMS writeConcernError "
    "errorLabels appName failInternalCommands passFirst closeAfter skewS"
)
_RETRYABLE = frozenset((6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436))


class ConnectionCut(Exception):
    """The connection is to be closed without an answer."""


@dataclass(slots=True)
class Fault:
    """What goes wrong with which commands.

    Beyond what a real server's fail point has, `data` may hold `passFirst` (so many of the commands
    go well first), `closeAfter` (the connection is closed after the command was executed: its
    acknowledgement is lost) and `skewS` (by how many seconds the server's clock is wrong, until the
    fail point is set again).
    """

    data: Document = field(default_factory=dict)
    left: float = 0
    """How many commands it still hits."""
    passing: int = 0
    entered: int = 0

    def hits(self, name: str, application: str) -> bool:
        """Whether this command goes wrong; counts those that do."""
        if self.left <= 0 or name not in self.data.get("failCommands", ()):
            return False
        if self.data.get("appName", application) != application:
            return False
        if self.passing > 0:
            self.passing -= 1
            return False
        self.left -= 1
        self.entered += 1
        return True

    async def before(self, asked: Document) -> None:
        """What goes wrong before the command is executed. Raises CommandError, ConnectionCut."""
        data = self.data
        if data.get("blockConnection"):
            await asyncio.sleep(data["blockTimeMS"] / 1000)
        if data.get("closeConnection"):
            raise ConnectionCut
        if (code := data.get("errorCode")) is not None:
            labels = data.get("errorLabels")
            if labels is None and "txnNumber" in asked and code in _RETRYABLE:
                labels = ["RetryableWriteError"]
            raise CommandError(
                code,
                "Failing command via 'failCommand' failpoint",
                **({"errorLabels": labels} if labels else {}),
            )

    def after(self, asked: Document, reply: Document) -> Document:
        """The reply of the command after it was executed. Raises ConnectionCut."""
        if self.data.get("closeAfter"):
            raise ConnectionCut
        concern = self.data.get("writeConcernError")
        if concern is None:
            return reply
        problem = {"codeName": code_name(concern["code"]), "errmsg": "", **concern}
        labels = self.data.get("errorLabels")
        if labels is None and "txnNumber" in asked and concern["code"] in _RETRYABLE:
            labels = ["RetryableWriteError"]
        more = {"errorLabels": labels} if labels else {}
        return {**reply, "writeConcernError": problem, **more}


@command("configureFailPoint", fields="mode data", role="none", in_stable_api=False)
async def configure_fail_point(connection: Connection, asked: Document) -> Document:
    if asked["$db"] != "admin":
        raise CommandError(13, "configureFailPoint may only be run against the admin database.")
    name = argument(asked, "configureFailPoint.configureFailPoint", "string")
    if name != "failCommand":
        raise not_implemented(f"the fail point {name}")
    data = argument(asked, "configureFailPoint.data", "object", {})
    check_fields(data, _DATA, "configureFailPoint.data")
    if data.get("blockConnection") and not is_number(data.get("blockTimeMS")):
        raise CommandError(72, "'blockTimeMS' must be specified when 'blockConnection' is true")
    before = connection.server.fault.entered
    left, passing = _mode(asked.get("mode"))
    connection.server.fault = Fault(data, left, passing or data.get("passFirst", 0))
    CLOCK.skew_s = data.get("skewS", 0.0) if left else 0.0
    return {"count": before}


def _mode(mode: object) -> tuple[float, int]:
    """How many commands are hit, after how many that are not."""
    if mode == "off":
        return 0, 0
    if mode == "alwaysOn":
        return float("inf"), 0
    if isinstance(mode, dict) and len(mode) == 1:
        ((name, number),) = mode.items()
        if name == "times" and is_number(number):
            return int(number), 0
        if name == "skip" and is_number(number):
            return float("inf"), int(number)
        if name == "activationProbability":
            raise not_implemented("the mode activationProbability")
    raise CommandError(2, f"unknown mode of a fail point: {mode}")
