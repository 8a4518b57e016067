"""The page of a report: one file with its style, its program and its data in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from pathlib import Path

from simulator.files.reading import read_text
from simulator.files.reports.content import Report, report_document

PLAIN_BYTES = 300_000
"""Of data up to which it stands as it is, to be found by any search; more is packed with gzip."""
_PROGRAM = ("loading.js", "differences.js", "curves.js", "chains.js", "transcripts.js", "start.js")
_MAX_BYTES = 200_000
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


def report_page(report: Report) -> str:
    """The report as an HTML page that asks for nothing from anywhere.

    Its policy of contents lets no other script or style run than its own, named by their hashes.
    Texts are data: they stand as JSON without any `<`, and the program shows them as text. The
    same report gives the same page.

    Args:
        report: Its texts may have any characters, half surrogate pairs too.
    """
    style, program = _part("report.css"), _program()
    data, packing = _data(report)
    filled = {
        "TITLE": _plain(report.title),
        "POLICY": (
            f"default-src 'none'; script-src '{_hash(program)}'; style-src '{_hash(style)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        "STYLE": style,
        "PROGRAM": program,
        "PACKING": packing,
        "DATA": data,
    }
    return _PLACE.sub(lambda place: filled[place[1]], _part("report.html"))


def _data(report: Report) -> tuple[str, str]:
    """The data, and how it is packed: `none` or `gzip`."""
    plain = json.dumps(report_document(report), allow_nan=False, separators=(",", ":"))
    if len(plain) <= PLAIN_BYTES:
        return plain.translate(_ESCAPES), "none"
    packed = gzip.compress(plain.encode("ascii"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii"), "gzip"


def _plain(text: str) -> str:
    """A text on one line between tags."""
    encodable = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    return html.escape(" ".join(encodable.split()))


def _program() -> str:
    parts = "\n".join(_part(name) for name in _PROGRAM)
    return f'(() => {{\n"use strict";\n{parts}}})();'


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _part(name: str) -> str:
    return read_text(Path(__file__).with_name(name), max_bytes=_MAX_BYTES)
