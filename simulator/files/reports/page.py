"""The page of a report: one file with its style, its program and its data in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from pathlib import Path

from pydantic import JsonValue

from simulator.files.reading import read_text
from simulator.files.reports.content import Report, report_document

PLAIN_BYTES = 300_000
"""Of data up to which they stand as they are, to be found by any search; more is packed with gzip.
"""
_PROGRAM = (
    "loading.js", "differences.js", "curves.js", "chains.js", "transcripts.js", "figures.js",
    "start.js",
)  # fmt: skip
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
    packing, data = _packed(report_document(report))
    filled = {
        "TITLE": _plain(report.title),
        "POLICY": (
            f"default-src 'none'; script-src '{_hash(program)}'; style-src '{_hash(style)}'; "
            f"base-uri 'none'; form-action 'none'{'; img-src data:' if report.drawings else ''}"
        ),
        "STYLE": style,
        "PROGRAM": program,
        "PACKING": packing,
        "DATA": data,
        "DRAWINGS": _drawings(report),
    }
    return _PLACE.sub(lambda place: filled[place[1]], _part("report.html"))


def _drawings(report: Report) -> str:
    """The element with the figures, which is read when somebody wants to see them."""
    if not report.drawings:
        return ""
    packing, data = _packed([one.svg for one in report.drawings])
    return (
        f'<script type="application/json" id="drawings" data-packing="{packing}">{data}</script>\n'
    )


def _packed(document: JsonValue) -> tuple[str, str]:
    """How data is packed, `none` or `gzip`, and the data."""
    plain = json.dumps(document, allow_nan=False, separators=(",", ":"))
    if len(plain) <= PLAIN_BYTES:
        return "none", plain.translate(_ESCAPES)
    packed = gzip.compress(plain.encode("ascii"), compresslevel=6, mtime=0)
    return "gzip", base64.b64encode(packed).decode("ascii")


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
