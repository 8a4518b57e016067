"""The MongoDB that comes along: only this machine reaches it, and the docs name it rightly."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pymongo.uri_parser import parse_uri
from ruamel.yaml import YAML

from tests.faults.programs import ROOT


@pytest.fixture
def service() -> Any:
    document = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    (found,) = document["services"].values()
    assert {volume.partition(":")[0] for volume in found["volumes"]} == set(document["volumes"])
    return found


def test_it_is_a_replica_set_that_only_this_machine_reaches(service: Any) -> None:
    assert service["image"].startswith("mongo:8")
    assert service["ports"] == ["127.0.0.1:27017:27017"]
    assert "--replSet rs0" in " ".join(service["command"])
    assert any(volume.endswith(":/data/db") for volume in service["volumes"])


def test_its_health_check_initiates_the_set_with_the_address_of_the_docs(service: Any) -> None:
    check = service["healthcheck"]
    assert check["test"][:2] == ["CMD", "mongosh"]
    script = check["test"][-1]
    assert "rs.initiate" in script and "isWritablePrimary" in script
    assert "$" not in script
    (member,) = re.findall(r'host: "([^"]+)"', script)
    (name,) = re.findall(r'_id: "([^"]+)"', script)
    page = (ROOT / "docs" / "setup.md").read_text("utf-8")
    (address,) = set(re.findall(r'mongodb://127[^"`]+', page))
    read = parse_uri(address)
    assert read["nodelist"] == [tuple([member.partition(":")[0], int(member.partition(":")[2])])]
    assert read["options"]["replicaSet"] == name
    assert address in (ROOT / "docker-compose.yml").read_text("utf-8")


def test_its_health_check_looks_often_only_while_it_starts(service: Any) -> None:
    often, start, seldom = (
        int(service["healthcheck"][name].removesuffix("s"))
        for name in ("start_interval", "start_period", "interval")
    )
    assert often <= 5 < 30 <= min(start, seldom)


def test_the_variant_with_a_key_is_sound(service: Any) -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    with_key = YAML(typ="safe").load(text.replace("# entrypoint:", "entrypoint:"))
    entrypoint = with_key["services"]["mongodb"]["entrypoint"]
    assert entrypoint[:2] == ["bash", "-c"]
    assert " ".join(service["command"]) in entrypoint[2]
