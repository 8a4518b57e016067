"""What users may set, and where from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.uri_parser import parse_uri

from simulator.adapters import backend_options
from simulator.backends.options import Timeouts
from simulator.credentials import cluster_address, user_without_password, with_password
from simulator.domain.durations import parse_duration
from simulator.errors import UsageError
from simulator.settings import APP_NAME, environment, load_settings, variable_names


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to start from, with an empty configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "hours"), [("90m", 1.5), ("3h", 3), ("4d", 96), ("2w", 336), (" 2 W ", 336)]
)
def test_durations_are_read(text: str, hours: float) -> None:
    assert parse_duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "3", "h", "-3h", "0d", "3.5h", "3y", "1h 30m", "٣h"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration such as"):
        parse_duration(text)


def test_keys_in_dotenv_need_not_be_exported_and_the_environment_goes_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("LAB_API_KEY=kept\nLAB_URL=kept\n", encoding="utf-8")
    monkeypatch.setenv("LAB_URL", "exported")
    assert environment()["LAB_API_KEY"] == "kept"
    assert environment()["LAB_URL"] == "exported"
    assert backend_options(load_settings()).environment["LAB_API_KEY"] == "kept"


def test_variables_say_how_models_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MAX_CONNECTIONS": "3", "FIRST_TOKEN_TIMEOUT_S": "5", "STALL_TIMEOUT_S": "0.5",
        "REPLY_TIMEOUT_S": "50", "CACHE": "yes", "CACHE_EXPIRY": "2w", "RECORD": "r.jsonl",
        "ENDPOINTS": "mine.toml", "PRICES": "dear.toml",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"SIMULATOR_{name}", value)
    settings = load_settings()
    assert (settings.cache, settings.cache_expiry) == (True, timedelta(weeks=2))
    options = backend_options(settings)
    assert options.timeouts == Timeouts(5.0, 0.5, 50.0)
    assert options.max_connections == 3
    assert options.record == Path("r.jsonl")
    assert (options.endpoints_file, options.prices_file) == (Path("mine.toml"), Path("dear.toml"))


def test_files_in_the_configuration_folder_are_taken_if_they_are_there(folder: Path) -> None:
    own = folder / "config" / APP_NAME
    own.mkdir(parents=True)
    assert load_settings().endpoints_file is None
    (own / "endpoints.toml").touch()
    (own / "prices.toml").touch()
    settings = load_settings()
    assert settings.endpoints_file == own / "endpoints.toml"
    assert settings.prices_file == own / "prices.toml"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_CONNECTIONS", "0"), ("STALL_TIMEOUT_S", "0"), ("REPLY_TIMEOUT_S", "inf"),
        ("CACHE", "maybe"), ("CACHE_EXPIRY", "soon"), ("STORE_TIMEOUT_S", "0"),
        ("STORE_PATIENCE_S", "nan"), ("STORE_POOL_SIZE", "0"),
    ],
)  # fmt: skip
def test_a_variable_without_a_usable_value_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SIMULATOR_{name}", value)
    with pytest.raises(UsageError, match=f"^SIMULATOR_{name}: ") as error:
        load_settings()
    assert "Value error" not in error.value.message


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No variable says where experiments live."""
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({"DB_CLUSTER_URL": "lab.example"}, "mongodb://lab.example/"),
        ({"DB_CLUSTER_URL": "lab.example:27018/x?tls=true"}, "mongodb://lab.example:27018/x?tls=true"),
        ({"DB_CLUSTER_URL": "c0.mongodb.net", "DB_USER": "ada", "DB_PASSWORD": "p@ss:w/rd %"},
         "mongodb+srv://ada:p%40ss%3Aw%2Frd%20%25@c0.mongodb.net/"),
        ({"DB_CLUSTER_URL": "c0.mongodb.net?w=1", "DB_USER": "ada@lab", "DB_PASSWORD": "x"},
         "mongodb+srv://ada%40lab:x@c0.mongodb.net/?w=1"),
        ({"DB_CLUSTER_URL": "mongodb://a,b:1/?replicaSet=rs0", "DB_USER": "ä", "DB_PASSWORD": "+"},
         "mongodb://%C3%A4:%2B@a,b:1/?replicaSet=rs0"),
        ({"DB_CLUSTER_URL": "mongodb+srv://bob:his@c0/", "DB_USER": "ada", "DB_PASSWORD": "x"},
         "mongodb+srv://bob:his@c0/"),
        ({"DB_CLUSTER_URL": "c0", "MONGODB_URI": "mongodb://one/"}, "mongodb://one/"),
        ({"MONGODB_URI": "mongodb://one/", "SIMULATOR_STORE": "sqlite:///a.db"}, "sqlite:///a.db"),
        ({"MONGODB_URI": "mongodb://one/", "SIMULATOR_STORE": ""}, "mongodb://one/"),
        ({"MONGODB_URI": "mongodb://ada@one/", "DB_PASSWORD": "p/w"}, "mongodb://ada:p%2Fw@one/"),
        ({"MONGODB_URI": "mongodb://ada@one/", "DB_PASSWORD": "p", "DB_USER": "bob"},
         "mongodb://ada@one/"),
    ],
)  # fmt: skip
def test_variables_say_where_experiments_live(
    variables: dict[str, str], address: str, bare: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        bare.setenv(name, value)
    assert load_settings().store_url == address


@given(user=st.text(min_size=1), password=st.text(min_size=1))
def test_any_user_and_password_reach_the_driver_as_they_are(user: str, password: str) -> None:
    for cluster in ("h.example:27017/lab?tls=true", "mongodb://h.example:27017/lab?tls=true"):
        address = cluster_address(cluster, user, password)
        assert user_without_password(address) is None
        read = parse_uri("mongodb://" + address.partition("://")[2])
        assert (read["username"], read["password"], read["database"]) == (user, password, "lab")
        bare = cluster_address(cluster, user)
        assert user_without_password(bare) == user
        assert with_password(bare, password) == address


@pytest.mark.parametrize(
    ("address", "user"),
    [
        ("mongodb://host/", None), ("mongodb://ada@host/", "ada"), ("mongodb://ada:@host/", "ada"),
        ("mongodb://ada:x@host/", None), ("sqlite:///ada@home.db", None),
        ("mongodb+srv://a%40b@host/?tls=true", "a@b"),
        ("mongodb://CN=ada@host/?authMechanism=MONGODB-X509", None),
    ],
)  # fmt: skip
def test_it_is_known_whose_password_is_missing(address: str, user: str | None) -> None:
    settings = load_settings(store=address)
    assert settings.user_without_password == user
    if user is not None:
        completed = settings.with_password("p@w")
        assert completed.user_without_password is None
        assert "p%40w@host" in completed.store_url


@pytest.mark.parametrize(
    ("variables", "addresses"),
    [
        ({"MONGODB_URI": "mongodb://lab.example/x"}, ["mongodb://ada@lab.example:27017/y"]),
        ({"SIMULATOR_STORE": "mongodb://a,b/"}, ["mongodb://ada@A,b?tls=true", "x.db",
                                                 "mongodb://ada@a,b/y"]),
        ({"DB_CLUSTER_URL": "c0.example", "DB_USER": "ada"}, ["mongodb+srv://ada@c0.example/y"]),
        ({"SIMULATOR_STORE": "sqlite:///a.db"}, ["mongodb://ada@lab.example/"]),
        ({}, ["a.db", "mongodb://ada@lab.example/"]),
    ],
)  # fmt: skip
def test_the_password_goes_to_servers_that_variables_name_or_to_any_if_they_name_none(
    variables: dict[str, str], addresses: list[str], bare: pytest.MonkeyPatch
) -> None:
    for name, value in (variables | {"DB_PASSWORD": "hush"}).items():
        bare.setenv(name, value)
    settings = load_settings()
    for address in addresses:
        settings = settings.at(address)
    assert settings.store_url == addresses[-1].replace("ada@", "ada:hush@")


@pytest.mark.parametrize(
    ("variables", "addresses"),
    [
        ({"MONGODB_URI": "mongodb://lab.example/x"}, ["mongodb://ada@stranger.example/x"]),
        ({"MONGODB_URI": "mongodb://lab.example/x"}, ["mongodb://ada@two/", "mongodb://ada@two/"]),
        ({"MONGODB_URI": "mongodb://lab.example/x"}, ["mongodb://ada@lab.example.evil.example/x"]),
        ({"SIMULATOR_STORE": "mongodb://ada@lab.example/"}, ["mongodb://ada@lab.example:1/"]),
        ({"DB_CLUSTER_URL": "c0.example", "DB_USER": "ada"}, ["mongodb://ada@c0.example/"]),
        ({"SIMULATOR_STORE": "sqlite:///a.db", "MONGODB_URI": "mongodb://lab.example/"},
         ["mongodb://ada@stranger.example/"]),
        ({}, ["mongodb://ada@lab.example/", "mongodb://ada@stranger.example/"]),
    ],
)  # fmt: skip
def test_no_other_server_gets_the_password(
    variables: dict[str, str], addresses: list[str], bare: pytest.MonkeyPatch
) -> None:
    for name, value in (variables | {"DB_PASSWORD": "hush"}).items():
        bare.setenv(name, value)
    settings = load_settings()
    for address in addresses:
        settings = settings.at(address)
    assert settings.store_url == addresses[-1]
    assert settings.user_without_password == "ada"
    assert "ada:typed@" in settings.with_password("typed").store_url
    usual = settings.model_copy(update={"store": None})
    assert usual.store_url == load_settings().model_copy(update={"store": None}).store_url


def test_secrets_do_not_show_in_settings(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("DB_PASSWORD", "hidden-1")
    bare.setenv("MONGODB_URI", "mongodb://ada:hidden-2@host/")
    bare.setenv("DB_CLUSTER_URL", "mongodb://ada:hidden-3@host/")
    settings = load_settings(store="mongodb://ada:hidden-4@host/")
    assert "hidden" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_an_empty_variable_is_unset(folder: Path, bare: pytest.MonkeyPatch) -> None:
    unset = load_settings()
    (folder / ".env").write_text("SIMULATOR_USER=ada\nSIMULATOR_CACHE=\n", encoding="utf-8")
    for name in variable_names():
        bare.setenv(name, "")
    assert load_settings() == unset.model_copy(update={"user": "ada"})


@pytest.mark.parametrize("name", ["lab", "Größe_1-x", "x" * 63])
def test_names_of_databases_are_taken(name: str) -> None:
    assert load_settings(database=name).database == name


@pytest.mark.parametrize("name", [*'/\\. "$*<>:|?\0', "x" * 64, "ä" * 32])
def test_names_that_no_database_may_have_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"^SIMULATOR_DATABASE: the name of a database "):
        load_settings(database=name)


def test_what_databases_need_has_its_defaults(bare: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert settings.database == "simulator"
    assert (settings.store_timeout_s, settings.store_patience_s) == (5.0, 900.0)
    assert settings.store_pool_size == 20
    assert settings.store_url.startswith("sqlite:///")
