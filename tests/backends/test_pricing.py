from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.pricing import ListedModel, PricedBackend, PriceTable
from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import Usage
from simulator.domain.models import Chunk, Completion, GenerateRequest, ModelCard
from simulator.domain.prices import FREE, Price
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import UsageError

REQUEST = GenerateRequest(Prompt.of(ChatMessage("user", "Hi")), Sampling(), seed=1)
TOKENS = st.integers(0, 10_000_000)
DOLLARS = st.floats(0.0, 1000.0)


def usages() -> st.SearchStrategy[Usage]:
    def usage(fresh: int, cached: int, completion: int, cost: float, unpriced: int) -> Usage:
        return Usage(
            calls=1, prompt_tokens=fresh + cached, cached_tokens=cached,
            completion_tokens=completion, cost_usd=cost, unpriced_calls=unpriced,
        )  # fmt: skip

    return st.builds(usage, TOKENS, TOKENS, TOKENS, DOLLARS, st.integers(0, 1))


def prices() -> st.SearchStrategy[Price]:
    return st.builds(
        Price, input_usd=DOLLARS, output_usd=DOLLARS, cached_input_usd=st.none() | DOLLARS
    )


class Telling(ScriptedBackend):
    """Gives one completion as it is told."""

    price = None  # type: ignore[assignment]

    def __init__(self, completion: Completion, model: str = "lab/llama") -> None:
        super().__init__(["unused"], model=model)
        self._completion = completion

    async def generate(self, request: GenerateRequest):  # type: ignore[no-untyped-def]
        yield Chunk("H")
        yield Chunk("i", completion=self._completion)


def table(**models: ListedModel) -> PriceTable:
    return PriceTable(
        date(2026, 1, 1), ({f"lab/{name}": listed for name, listed in models.items()},)
    )


async def completed(usage: Usage, prices: PriceTable) -> Completion:
    reply = Completion("Hi", "stop", usage)
    chunks = [chunk async for chunk in PricedBackend(Telling(reply), prices).generate(REQUEST)]
    assert [chunk.text for chunk in chunks] == ["H", "i"]
    assert chunks[0].completion is None and chunks[1].completion is not None
    return chunks[1].completion


# ---------------------------------------------------------------- sums


@given(prices(), usages(), usages())
def test_what_two_calls_cost_is_the_sum_of_what_each_costs(
    price: Price, one: Usage, other: Usage
) -> None:
    both = Usage.total((one, other))
    apart = price.cost_usd(one) + price.cost_usd(other)
    assert price.cost_usd(both) == pytest.approx(apart, rel=1e-9, abs=1e-11)


@given(st.lists(usages()), st.integers(0, 10))
def test_totals_do_not_depend_on_how_the_parts_are_grouped(parts: list[Usage], cut: int) -> None:
    at_once = Usage.total(parts)
    in_steps = Usage.total((Usage.total(parts[:cut]), Usage.total(parts[cut:])))
    assert in_steps.model_dump(exclude={"cost_usd"}) == at_once.model_dump(exclude={"cost_usd"})
    assert in_steps.cost_usd == pytest.approx(at_once.cost_usd, rel=1e-9, abs=1e-11)
    assert at_once.unpriced_calls == sum(part.unpriced_calls for part in parts)


@given(prices(), usages())
def test_more_tokens_never_cost_less(price: Price, usage: Usage) -> None:
    more = usage.model_copy(
        update={"prompt_tokens": usage.prompt_tokens + 1,
                "completion_tokens": usage.completion_tokens + 1}
    )  # fmt: skip
    assert price.cost_usd(more) >= price.cost_usd(usage) >= 0.0


# ---------------------------------------------------------------- the shipped table


@pytest.mark.parametrize(
    ("model", "like"),
    [
        ("openai/gpt-4o-2024-11-20", "openai/gpt-4o"),
        ("openai/gpt-4-0613", "openai/gpt-4"),
        ("anthropic/claude-sonnet-4-20250514", "anthropic/claude-sonnet-4"),
        ("anthropic/claude-3-5-haiku-latest", "anthropic/claude-3-5-haiku"),
        ("gemini/gemini-2.0-flash-001", "gemini/gemini-2.0-flash"),
        ("openai/ft:gpt-4o-mini-2024-07-18:lab::a1", "openai/ft:gpt-4o-mini-2024-07-18:b:c:d2"),
    ],
)
def test_an_edition_costs_what_its_model_costs(model: str, like: str) -> None:
    shipped = PriceTable.load()
    assert shipped.price(model) == shipped.price(like) is not None


def test_an_edition_with_a_price_of_its_own_keeps_it() -> None:
    shipped = PriceTable.load()
    assert shipped.price("openai/gpt-4o-2024-05-13") == Price(input_usd=5.0, output_usd=15.0)
    assert shipped.price("openai/gpt-4o-2024-05-13") != shipped.price("openai/gpt-4o")


def test_models_that_are_given_away_are_free() -> None:
    price = PriceTable.load().price("openrouter/meta-llama/llama-3.3-70b-instruct:free")
    assert price == FREE


def test_a_smaller_model_is_not_taken_for_a_larger_one() -> None:
    shipped = PriceTable.load()
    mini, full = shipped.price("openai/gpt-4o-mini"), shipped.price("openai/gpt-4o")
    assert mini is not None and full is not None
    assert mini.input_usd < full.input_usd
    assert shipped.price("openai/gpt-4o-mini-2024-07-18") == mini
    assert shipped.price("openai/gpt-4o-audio-preview") is None


@pytest.mark.parametrize("model", ["azure/gpt-4o", "lab/llama", "openai/", "openai", "gpt-4o"])
def test_what_nobody_listed_has_no_price(model: str) -> None:
    assert PriceTable.load().price(model) is None


def test_the_shipped_table_is_dated_and_sensible() -> None:
    shipped = PriceTable.load()
    assert shipped.date >= date(2026, 1, 1)
    (models,) = shipped.tables
    providers = {model.partition("/")[0] for model in models}
    assert providers >= {"openai", "anthropic", "gemini", "mistral", "groq", "deepseek"}
    for model, listed in models.items():
        assert listed.input_usd <= listed.output_usd, model
        assert (listed.cached_input_usd or 0.0) <= listed.input_usd, model


# ---------------------------------------------------------------- the user's own


def test_the_users_file_goes_over_the_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(
        '[azure]\n"team-4o" = { input_usd = 2, output_usd = 8 }\n'
        '[openai]\n"gpt-4o" = { input_usd = 1, output_usd = 4 }\n'
        '[lab]\n"*" = { input_usd = 0.5, output_usd = 0.5, context_length = 4096 }\n'
        '"llama*" = { input_usd = 0.1, output_usd = 0.1 }\n',
        encoding="utf-8",
    )
    prices = PriceTable.load(file)
    assert prices.price("azure/team-4o") == Price(input_usd=2.0, output_usd=8.0)
    assert prices.price("openai/gpt-4o-2024-05-13") == Price(input_usd=1.0, output_usd=4.0)
    assert prices.price("openai/gpt-4o-mini") == PriceTable.load().price("openai/gpt-4o-mini")
    assert prices.price("lab/llama3:8b") == Price(input_usd=0.1, output_usd=0.1)
    assert prices.price("lab/qwen") == Price(input_usd=0.5, output_usd=0.5)
    card = prices.completed(ModelCard("lab/qwen"))
    assert (card.context_length, card.price) == (4096, prices.price("lab/qwen"))
    told = prices.completed(ModelCard("lab/qwen", context_length=100))
    assert told.context_length == 100


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[lab]\n", None),
        ("[lab\n", "line 1"),
        ('[lab]\n"llama" = { input_usd = -1, output_usd = 1 }\n', 'lab."llama".input_usd'),
        ('[lab]\n"llama" = { input_usd = 1 }\n', 'lab."llama".output_usd'),
        ('[lab]\n"llama" = { input_usd = 1, output_usd = 1, ouput = 2 }\n', 'lab."llama".ouput'),
        ('[lab]\n"llama" = { input_usd = inf, output_usd = 1 }\n', 'lab."llama".input_usd'),
        ('[lab]\nllama = "cheap"\n', 'lab."llama"'),
        ("lab = 3\n", "lab: this is no provider"),
    ],
)
def test_a_fault_in_the_users_file_is_named_with_its_place(
    tmp_path: Path, text: str, named: str | None
) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text, encoding="utf-8")
    if named is None:
        PriceTable.load(file)
        return
    with pytest.raises(UsageError) as caught:
        PriceTable.load(file)
    assert str(file) in caught.value.message and named in caught.value.message
    assert caught.value.remedy is not None and "input_usd" in caught.value.remedy


def test_a_price_of_the_users_own_leaves_the_context_that_is_known(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('[openai]\n"gpt-4o" = { input_usd = 1, output_usd = 4 }\n', encoding="utf-8")
    card = PriceTable.load(file).completed(ModelCard("openai/gpt-4o"))
    assert card.price == Price(input_usd=1.0, output_usd=4.0)
    assert card.context_length == 128_000


def test_prices_of_a_provider_that_nobody_knows_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text("[opnai]\n[lab]\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\[opnai\]: there is no .*; did you mean \[openai\]\?$"):
        PriceTable.load(file, {"openai", "lab"})
    PriceTable.load(file, {"openai", "opnai", "lab"})


@pytest.mark.parametrize("name", ["gpt-4.1", "a.b.c"])
def test_a_name_with_dots_must_be_quoted(tmp_path: Path, name: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(f"[lab]\n{name} = {{ input_usd = 1, output_usd = 4 }}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=f'quote a name that has dots, as in "{name}" ='):
        PriceTable.load(file)


def test_a_prices_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no prices file .*none\.toml"):
        PriceTable.load(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        PriceTable.load(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        PriceTable.load(tmp_path / "bytes.toml")


# ---------------------------------------------------------------- the wrapper

LISTED = table(llama=ListedModel(input_usd=2.0, output_usd=8.0, cached_input_usd=1.0))
USED = Usage(prompt_tokens=1000, cached_tokens=400, completion_tokens=100)


async def test_a_completion_tells_what_it_cost() -> None:
    usage = (await completed(USED, LISTED)).usage
    assert usage.cost_usd == pytest.approx((600 * 2 + 400 * 1 + 100 * 8) / 1e6)
    assert usage.unpriced_calls == 0


async def test_a_call_of_unknown_price_is_counted_as_such() -> None:
    usage = (await completed(USED, table())).usage
    assert (usage.cost_usd, usage.unpriced_calls) == (0.0, 1)


@pytest.mark.parametrize("prices", [LISTED, table()])
async def test_what_the_server_says_stands(prices: PriceTable) -> None:
    told = USED.model_copy(update={"cost_usd": 0.125})
    usage = (await completed(told, prices)).usage
    assert (usage.cost_usd, usage.unpriced_calls) == (0.125, 0)


async def test_the_users_own_machines_are_free_unless_a_price_is_listed() -> None:
    reply = Completion("Hi", "stop", USED)
    free = PricedBackend(Telling(reply), table(), free=True)
    assert free.price == FREE
    assert (await free.describe()).price == FREE
    rented = PricedBackend(Telling(reply), LISTED, free=True)
    assert rented.price == LISTED.price("lab/llama")
