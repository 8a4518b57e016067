"""Figures of matplotlib as parts of a page that lets no style run but its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT = frozenset({"metadata", "style", "script"})
_COARSE = frozenset({"d", "x", "y", "width", "height", "points", "font-size", "stroke-width"})
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"(?P<before>.*?)(?P<size>[\d.]+px)")
_PIXELS = 4 / 3
"""Of a point, in which matplotlib measures."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as it stands in a page."""

    name: str
    """That it is asked for by, such as `evolution`."""
    title: str
    meaning: str
    """In a sentence."""
    svg: str
    """An element, as of `embedded_svg`."""


def embedded_svg(file: bytes, title: str, prefix: str) -> str:
    """A file of matplotlib as an element that can stand beside others in a page.

    Styles become attributes, because the page's policy of contents forbids styles within elements.
    Coordinates are rounded to hundredths of a point. Names begin with the prefix, so that figures
    with equal parts do not take them from each other.

    Args:
        file: SVG, with text as text.
        title: What people hear who do not see it.
        prefix: Letters and digits; another one for each figure of a page.
    """
    root = ElementTree.fromstring(file)
    used = set(_references(root))
    _mend(root, prefix, used)
    _, _, width, height = (root.get("viewBox") or "0 0 0 0").split()
    root.attrib = {
        "xmlns": _SVG,
        "viewBox": f"0 0 {_rounded(width)} {_rounded(height)}",
        "width": f"{float(width) * _PIXELS:.0f}",
        "height": f"{float(height) * _PIXELS:.0f}",
        "role": "img",
        "stroke-linejoin": "round",
        "aria-labelledby": f"{prefix}-title",
    }
    named = ElementTree.Element("title", {"id": f"{prefix}-title"})
    named.text = title
    root.insert(0, named)
    return ElementTree.tostring(root, encoding="unicode")


def _references(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == _HREF and value.startswith("#"):
                yield value[1:]
            yield from _REFERENCE.findall(value)


def _mend(element: ElementTree.Element, prefix: str, used: set[str]) -> None:
    element.tag = element.tag.rpartition("}")[2]
    element.attrib = dict(_attributes(element, prefix, used))
    element.tail = None
    if element.tag not in ("text", "tspan", "title"):
        element.text = None
    for child in list(element):
        if child.tag.rpartition("}")[2] in _LEFT_OUT:
            element.remove(child)
        else:
            _mend(child, prefix, used)


def _attributes(
    element: ElementTree.Element, prefix: str, used: set[str]
) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name == "id":
            if value in used:
                yield "id", f"{prefix}-{value}"
        elif name == "style":
            yield from _presentation(value, prefix)
        elif name == _HREF:
            yield "href", f"#{prefix}-{value[1:]}" if value.startswith("#") else value
        elif not name.startswith("{"):
            yield name, _tidy(name, value, prefix)


def _presentation(style: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The attributes that say what a style says; families of letters are left to the page."""
    for part in style.split(";"):
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if not colon or name == "font-family":
            continue
        if name != "font":
            yield name, _tidy(name, value, prefix)
        elif found := _FONT.match(value):
            yield "font-size", found["size"]
            for word in found["before"].split():
                if word in ("italic", "oblique"):
                    yield "font-style", word
                elif word.isdigit() or word == "bold":
                    yield "font-weight", word


def _tidy(name: str, value: str, prefix: str) -> str:
    pointed = _REFERENCE.sub(rf"url(#{prefix}-\1)", " ".join(value.split()))
    if name in _COARSE:
        return _LONG_NUMBER.sub(lambda number: _rounded(number[0]), pointed)
    return pointed


def _rounded(number: str) -> str:
    return f"{float(number):.2f}".rstrip("0").rstrip(".")
