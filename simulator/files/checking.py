"""What a text says of a design, and everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.nodes import Node

from simulator.domain.designs import Design
from simulator.domain.nearest import nearest
from simulator.domain.ports import Kind
from simulator.files.faults import (
    DesignFault,
    described,
    fault_at,
    field_faults,
    in_reading_order,
    listed,
)
from simulator.files.malformed import TOP, Fault, MalformedYamlError, Spot
from simulator.files.outline import Outline
from simulator.files.places import Place, locate, misshapen
from simulator.files.yaml_nodes import compose
from simulator.files.yaml_tree import Tree, tree_of

EMPTY = "the file is empty; write a design, or copy one of the seed designs"


@dataclass(frozen=True)
class Checked:
    """A text that was read as a design."""

    node: Node | None
    """The outermost node; None when nothing is written, or it is malformed."""
    tree: Tree | None
    """None when the text is malformed."""
    outline: Outline | None
    """What is written, in the terms of the model; None when the text is malformed."""
    kind: Kind | None
    """What `kind` names, if it is one."""
    design: Design | None
    """None when there are faults."""
    faults: tuple[DesignFault, ...]
    """In reading order."""


def check(text: str, kinds: Mapping[str, Kind]) -> Checked:
    """Read a text as a design; raises nothing, whatever it is."""
    try:
        node = compose(text)
        tree, odd = tree_of(node, text)
    except MalformedYamlError as error:
        return Checked(None, None, None, None, None, (_of_file(error.fault),))
    kind = _kind(tree, kinds)
    if isinstance(kind, DesignFault):
        faults = [kind, *map(_of_file, odd)]
        return Checked(node, tree, Outline(tree, None), None, None, in_reading_order(faults))
    outline = Outline(tree, kind.design_type)
    faults = list(_placed(odd, outline))
    design = _validated(tree, kind, outline, faults)
    if design is not None and not faults:
        for problem in kind.problems(design):
            found = locate(tree, kind.design_type, problem.place)
            faults.append(fault_at(problem.place, found, problem.message))
    return Checked(node, tree, outline, kind, None if faults else design, in_reading_order(faults))


def _of_file(fault: Fault) -> DesignFault:
    return DesignFault((), fault.spot.line, fault.spot.column, fault.message, fault.shown)


def _placed(faults: Iterable[Fault], outline: Outline) -> Iterable[DesignFault]:
    for fault in faults:
        place = outline.place_of(fault.path)
        yield DesignFault(place, fault.spot.line, fault.spot.column, fault.message, fault.shown)


def _kind(tree: Tree, kinds: Mapping[str, Kind]) -> Kind | DesignFault:
    """The kind that a design names, or what is wrong with the name."""

    def wrong(spot: Spot, message: str, place: Place = (), shown: str = "") -> DesignFault:
        return DesignFault(place, spot.line, spot.column, message, shown)

    if tree.content is None:
        return wrong(TOP, EMPTY)
    if not isinstance(tree.content, dict):
        message = f"a design is a mapping of keys to values, not {described(tree.plain())}"
        return wrong(tree.spot, message)
    entry = tree.content.get("kind")
    if entry is None:
        near = nearest("kind", (key for key in tree.content if isinstance(key, str)))
        if near is not None:
            message = f"unknown key `{near}`; did you mean `kind`?"
            return wrong(tree.content[near].spot, message, (near,))
        message = f"the key `kind` is missing; write `kind: {next(iter(kinds), '')}`"
        message += f" or another of {listed(kinds)}" if len(kinds) > 1 else ""
        return wrong(TOP, message, ("kind",))
    name = entry.value.content
    if isinstance(name, str) and name in kinds:
        return kinds[name]
    near = nearest(name, kinds) if isinstance(name, str) else None
    hint = f"did you mean `{near}`?" if near else f"the kinds are {listed(kinds)}"
    shown = f"`{name}`" if isinstance(name, str) else described(entry.value.plain())
    return wrong(entry.spot, f"there is no kind {shown}; {hint}", ("kind",), "kind")


def _validated(
    tree: Tree, kind: Kind, outline: Outline, faults: list[DesignFault]
) -> Design | None:
    data: dict[str, Any] = tree.plain()
    shapes = list(misshapen(tree, kind.design_type))
    broken = {name for name, _ in shapes}
    faults.extend(_placed([fault for _, fault in shapes], outline))
    for name in broken:
        del data[name]
    try:
        return kind.design_type.model_validate(data)
    except ValidationError as error:
        missing = {f"the key `{name}` is missing" for name in broken}
        found = field_faults(error, tree, kind.design_type)
        faults.extend(fault for fault in found if fault.message not in missing)
        return None
