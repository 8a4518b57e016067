"""Records and documents: how values are written to MongoDB so that they come back equal.

Fields of ours are fields of documents. What users or models may name - the keys of designs,
parameters and outcomes - never becomes a field's name: such objects are JSON texts. BSON has
neither strings with half of a surrogate pair nor integers beyond 64 bits; those become binary
values of two subtypes; a message that has any says `packed`.
"""

from __future__ import annotations

import json
from typing import Any

import bson
from bson.binary import Binary
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument

from simulator.domain.batches import Batch
from simulator.domain.journal import Step, Usage
from simulator.domain.records import Experiment, Lease, Outcome, Run

Document = dict[str, Any]

MESSAGE_VERSION = 1
_TEXT_SUBTYPE = 128
_INTEGER_SUBTYPE = 129
_INT64 = 2**63
_PACKED = "packed"


# ---------------------------------------------------------------- experiments


def experiment_document(experiment: Experiment) -> RawBSONDocument:
    """What stands in `experiments`, encoded."""
    document = _identified(experiment)
    document["design"] = as_json(experiment.design)
    return RawBSONDocument(bson.encode(pack_document(document)))


def experiment_of(document: Document) -> Experiment:
    """The experiment in a document. Raises ValueError when it is damaged."""
    fields = _record(document)
    fields["design"] = json.loads(fields["design"])
    return Experiment.model_validate(fields)


# ---------------------------------------------------------------- batches


def batch_document(batch: Batch) -> RawBSONDocument:
    """What stands in `batches`, encoded."""
    document = _identified(batch)
    document["specification"] = as_json(batch.specification)
    document["estimate"] = None if batch.estimate is None else as_json(batch.estimate)
    return RawBSONDocument(bson.encode(pack_document(document)))


def batch_of(document: Document) -> Batch:
    """The batch in a document. Raises ValueError when it is damaged."""
    fields = unpacked(document)
    fields["specification"] = json.loads(fields["specification"])
    if fields["estimate"] is not None:
        fields["estimate"] = json.loads(fields["estimate"])
    fields["amended_at"].sort()
    return Batch.model_validate({**fields, "id": fields["_id"]})


# ---------------------------------------------------------------- runs


def run_document(run: Run) -> RawBSONDocument:
    """What stands in `runs`, without a lease, encoded."""
    document = _identified(run)
    document["parameters"] = as_json(run.parameters)
    document["provenance"]["packages"] = as_json(run.provenance.packages)
    document["outcome"] = run.outcome and outcome_document(run.outcome)
    document["tokens"] = tokens(run.usage)
    document["lease"] = None
    return RawBSONDocument(bson.encode(pack_document(document)))


def run_of(document: Document) -> Run:
    """The run in a document. Raises ValueError when it is damaged."""
    fields = _record(document)
    fields["parameters"] = json.loads(fields["parameters"])
    fields["provenance"]["packages"] = json.loads(fields["provenance"]["packages"])
    if fields["outcome"] is not None:
        fields["outcome"]["values"] = json.loads(fields["outcome"]["values"])
    return Run.model_validate(fields)


def outcome_document(outcome: Outcome) -> Document:
    """What stands in a run under `outcome`, not packed yet."""
    return {**outcome.model_dump(), "values": as_json(outcome.values)}


def tokens(usage: Usage) -> int:
    """What runs are sorted by."""
    return usage.prompt_tokens + usage.completion_tokens


def lease_of(document: Document) -> Lease | None:
    """The lease in a run's document."""
    lease = unpacked(document.get("lease"))
    return None if lease is None else Lease(lease["owner"], lease["expires_at"], lease["user"])


# ---------------------------------------------------------------- messages


def step_id(run_id: str, scope: str, index: int) -> str:
    """The `_id` of a message: other steps have others, the same step always the same."""
    return f"{run_id.replace('/', '//')}/{index}/{scope}"


def step_document(step: Step) -> RawBSONDocument:
    """What stands in `messages`, encoded. What has its default may be missing."""
    document = step.model_dump(exclude_unset=True)
    document["_id"] = step_id(step.run_id, step.scope, step.index)
    document["in_transcript"] = step.in_transcript
    document["schema_version"] = MESSAGE_VERSION
    try:
        encoded = bson.encode(document)
    except (BSONError, OverflowError, UnicodeEncodeError):
        encoded = bson.encode({**pack(document), _PACKED: True})
    return RawBSONDocument(encoded)


def step_of(document: Document) -> Step:
    """The step in a document. Raises ValueError when it is damaged."""
    return Step.model_validate(unpacked(document) if _PACKED in document else document)


# ---------------------------------------------------------------- values


def pack_document(document: Document) -> Document:
    """The document with values that BSON has."""
    return {name: pack(value) for name, value in document.items()}


def pack(value: Any) -> Any:
    """A value that BSON has in the place of this one."""
    match value:
        case bool() | float() | None:
            return value
        case str():
            return value if value.isascii() or _is_unicode(value) else _binary_text(value)
        case int():
            return value if -_INT64 <= value < _INT64 else _binary_integer(value)
        case dict():
            return {name: pack(part) for name, part in value.items()}
        case list() | tuple():
            return [pack(part) for part in value]
        case _:
            return value


def unpacked(value: Any) -> Any:
    """The value that `pack` was given; lists in the place of tuples."""
    match value:
        case Binary():
            text = value.decode("utf-8", "surrogatepass")
            return text if value.subtype == _TEXT_SUBTYPE else int(text)
        case dict():
            return {name: unpacked(part) for name, part in value.items()}
        case list():
            return [unpacked(part) for part in value]
        case _:
            return value


def _identified(record: Experiment | Batch | Run) -> Document:
    fields = record.model_dump()
    id_ = fields.pop("id")
    return {"_id": id_, "id_reversed": id_[::-1], **fields}


def _record(document: Document) -> Document:
    fields: Document = unpacked(document)
    stars = sorted(fields["starred_by"])
    return {**fields, "id": fields["_id"], "starred_by": stars}


def as_json(value: object) -> str:
    """A value of a user's, as a text."""
    return json.dumps(value, ensure_ascii=False)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _binary_text(text: str) -> Binary:
    return Binary(text.encode("utf-8", "surrogatepass"), _TEXT_SUBTYPE)


def _binary_integer(number: int) -> Binary:
    return Binary(str(number).encode(), _INTEGER_SUBTYPE)
