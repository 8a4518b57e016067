"""The page about models says what the program does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.backends.hf.backend import HfBackend
from simulator.backends.ollama.backend import OllamaBackend
from simulator.backends.openai.endpoints import Endpoint, load_endpoints
from simulator.backends.openai.terms import Terms
from simulator.backends.options import BackendOptions
from simulator.backends.pocket.backend import PocketBackend
from simulator.backends.providers import all_providers
from simulator.domain.sampling import Sampling
from simulator.engine.checking import Finding, check_model
from simulator.settings import Settings
from tests.engine.test_checking import Talker
from tests.faults.programs import ROOT, Program

PAGE = (ROOT / "docs" / "models.md").read_text("utf-8")
EVERYWHERE = {"temperature", "top_p", "max_tokens", "stop"}


def section(title: str) -> str:
    text = PAGE.partition(f"\n## {title}\n")[2] if title else PAGE
    return text.partition("\n## ")[0]


def rows(title: str) -> Iterator[list[str]]:
    """Cells of the tables below a heading, or above all headings."""
    for line in section(title).splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@dataclass(frozen=True)
class Taken:
    options: frozenset[str]
    abilities: frozenset[str]


def taken() -> dict[str, Taken]:
    """What each provider takes, of a model that does not reason."""
    found = {
        "pocket": Taken(PocketBackend.sampling_options, PocketBackend.abilities),
        "hf": Taken(HfBackend.sampling_options, HfBackend.abilities),
        "ollama": Taken(OllamaBackend.sampling_options, frozenset({"logprobs", "choices"})),
    }
    for name, endpoint in load_endpoints().items():
        terms = Terms.of(name, "gpt-5.1" if name == "openai" else "model", endpoint)
        found[name] = Taken(terms.sampling_options, terms.abilities)
    return found | {"azure": found["openai"]}


def test_the_page_tells_which_options_each_provider_is_sent() -> None:
    head = ["top_k", "seed", "context_length", "reasoning_effort", "logprobs", "choices"]
    assert f"| provider | {' | '.join(head)} |" in section("What is sent")
    assert set(head) - {"logprobs", "choices"} == Sampling.model_fields.keys() - EVERYWHERE
    told = {
        names(cells[0])[0]: {name for name, cell in zip(head, cells[1:], strict=True) if cell}
        for cells in rows("What is sent")
    }
    facts = taken()
    assert told == {
        name: (fact.options | fact.abilities) & set(head) for name, fact in facts.items()
    }
    assert all(fact.options >= EVERYWHERE for fact in facts.values())


def test_the_page_names_every_provider_and_its_variables() -> None:
    told = {
        names(cells[0])[0]: names(" ".join(cells[1:])) for cells in rows("Providers")
    }  # fmt: skip
    assert told.keys() | {"pocket", "scripted", "hf"} == all_providers(BackendOptions()).keys()
    for name, endpoint in load_endpoints().items():
        assert told[name] == [*endpoint.key_variables, *endpoint.base_url_variables]


def test_the_page_has_every_key_of_an_endpoint() -> None:
    told = [name for cells in rows("Your own servers") for name in names(cells[0])]
    assert sorted(told) == sorted(Endpoint.model_fields)


def test_the_endpoints_on_the_page_can_be_used(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    own = tmp_path / "endpoints.toml"
    own.write_text(block, encoding="utf-8")
    loaded = load_endpoints(own)
    assert loaded["lab"].choices == "structured_outputs"
    assert loaded["mistral"].most_connections == 4


def test_the_settings_on_the_page_exist_and_have_these_values() -> None:
    told = set(re.findall(r"SIMULATOR_(\w+)", PAGE))
    assert {name.lower() for name in told} <= Settings.model_fields.keys()
    for name, value in re.findall(r"SIMULATOR_(\w+_S)` \((\d+)", PAGE):
        assert Settings.model_fields[name.lower()].default == float(value)


async def test_the_page_has_every_check() -> None:
    talker = Talker()
    found: list[Finding] = [finding async for finding in check_model(talker, talker.clock)]
    assert [names(cells[0])[0] for cells in rows("")] == [finding.name for finding in found]


def test_the_commands_on_the_page_work(program: Program) -> None:
    (block,) = re.findall(r"^```console\n(.*?)^```", PAGE, re.M | re.S)
    for line in block.splitlines():
        done = program.run(*shlex.split(line)[2:])
        assert done.returncode == 0, (line, done.stdout, done.stderr)
