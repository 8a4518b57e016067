"""Failures with the codes and names that MongoDB gives them."""

from __future__ import annotations

from typing import Any

CODE_NAMES = {
    1: "InternalError", 2: "BadValue", 9: "FailedToParse", 11: "UserNotFound",
    13: "Unauthorized", 14: "TypeMismatch", 15: "Overflow", 17: "ProtocolError",
    18: "AuthenticationFailed", 20: "IllegalOperation", 26: "NamespaceNotFound",
    27: "IndexNotFound", 28: "PathNotViable", 40: "ConflictingUpdateOperators",
    43: "CursorNotFound", 48: "NamespaceExists", 50: "MaxTimeMSExpired",
    52: "DollarPrefixedFieldName", 53: "InvalidIdField", 54: "NotSingleValueField",
    56: "EmptyFieldName", 59: "CommandNotFound", 64: "WriteConcernFailed", 66: "ImmutableField",
    67: "CannotCreateIndex", 72: "InvalidOptions", 73: "InvalidNamespace",
    79: "UnknownReplWriteConcern", 85: "IndexOptionsConflict", 86: "IndexKeySpecsConflict",
    91: "ShutdownInProgress", 100: "UnsatisfiableWriteConcern", 112: "WriteConflict",
    115: "CommandNotSupported", 168: "InvalidPipelineOperator",
    171: "CannotIndexParallelArrays", 189: "PrimarySteppedDown",
    197: "InvalidIndexSpecificationOption", 225: "TransactionTooOld", 238: "NotImplemented",
    260: "InvalidResumeToken", 286: "ChangeStreamHistoryLost", 322: "APIVersionError",
    323: "APIStrictError", 10107: "NotWritablePrimary", 10334: "BSONObjectTooLarge",
    11000: "DuplicateKey", 11600: "InterruptedAtShutdown",
    11602: "InterruptedDueToReplStateChange", 13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}  # fmt: skip


class CommandError(Exception):
    """A command, or one statement of it, failed."""

    def __init__(self, code: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def reply(self) -> dict[str, Any]:
        """The failure of a whole command, as the client gets it."""
        return {
            "ok": 0.0,
            "errmsg": self.message,
            "code": self.code,
            "codeName": code_name(self.code),
            **self.details,
        }

    def write_error(self, index: int) -> dict[str, Any]:
        """The failure of one statement of a bulk."""
        return {"index": index, "code": self.code, "errmsg": self.message, **self.details}


def code_name(code: int) -> str:
    """What MongoDB calls the code."""
    return CODE_NAMES.get(code, f"Location{code}")


def names(text: str) -> frozenset[str]:
    """The words of the text."""
    return frozenset(text.split())


def not_implemented(what: str) -> CommandError:
    """For what a real server has and the stand-in has not."""
    return CommandError(238, f"the stand-in for MongoDB does not implement {what}")
