"""Addresses are read without a network, and no part of a password leaves them."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.store.mongo_address import parse_address

NASTY = 'p@ss:w/rd?#%25 "ü$.'


@pytest.mark.parametrize(
    ("url", "place", "database", "user"),
    [
        ("mongodb://localhost", "mongodb://localhost:27017/simulator", "simulator", None),
        ("mongodb://h1:1,h2/lab?replicaSet=rs0", "mongodb://h1:1,h2:27017/lab", "lab", None),
        ("mongodb://ada:secret@h/lab", "mongodb://h:27017/lab", "lab", "ada"),
        ("mongodb://ada@h", "mongodb://h:27017/simulator", "simulator", "ada"),
        ("mongodb+srv://ada:secret@c.example.net/lab", "mongodb+srv://c.example.net/lab", "lab",
         "ada"),
        ("mongodb://[::1]:3/lab", "mongodb://[::1]:3/lab", "lab", None),
        ("mongodb://%2Ftmp%2Fmongo.sock/lab", "mongodb:///tmp/mongo.sock/lab", "lab", None),
    ],
)  # fmt: skip
def test_a_place_is_named_without_credentials(
    url: str, place: str, database: str, user: str | None
) -> None:
    address = parse_address(url, "simulator")
    assert (address.place, address.database, address.user) == (place, database, user)


@given(st.text(min_size=1), st.text(min_size=1))
def test_escaped_credentials_are_read_back(user: str, password: str) -> None:
    address = parse_address(f"mongodb://{quote_plus(user)}:{quote_plus(password)}@h/lab", "x")
    assert address.user == user
    assert address.place == "mongodb://h:27017/lab"


@pytest.mark.parametrize(
    "url",
    [
        f"mongodb://ada:{NASTY}@h/lab",
        "mongodb://ada:hun:ter2@h/lab",
        "mongodb://ada:hun/ter2@h/lab",
        "mongodb://ada:hunter%zz@h/lab",
        "mongodb://ada:hunter2@",
        "mongodb://ada:hunter2@h:port/lab",
        "mongodb://",
        "mongodb://ada:hun@ter2@h/lab",
        "mongodb://ada:12/ter2hunter@h/lab",
        "mongodb://h/ter2@lab",
    ],
)
def test_what_cannot_be_read_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        parse_address(url, "simulator")
    error = caught.value
    assert "%40" in (error.remedy or "")
    for part in ("hunter", "ter2", "ss:w", "w/rd"):
        assert part not in f"{error.message} {error.remedy} {error.__cause__}"


@pytest.mark.parametrize("options", ["tls=maybe", "foo=1", "w=", "connectTimeoutMS=soon"])
def test_faulty_options_are_told_from_faulty_addresses(options: str) -> None:
    try:
        address = parse_address(f"mongodb://ada:hunter2@h/lab?{options}", "simulator")
    except UsageError as error:
        assert "after the ?" in error.message
        assert "hunter2" not in f"{error.message}{error.remedy}"
    else:
        assert "hunter2" not in repr(address)


@pytest.mark.parametrize("hosts", ["h1,h2", "h:27017", "127.0.0.1", "[::1]"])
def test_a_cluster_is_one_name(hosts: str) -> None:
    with pytest.raises(UsageError, match="needs one name"):
        parse_address(f"mongodb+srv://ada:hunter2@{hosts}/lab", "simulator")


def test_options_for_looking_up_a_cluster_are_kept_for_pymongo() -> None:
    url = "mongodb+srv://c.example.net/lab?srvMaxHosts=2&retryWrites=true&srvServiceName=x"
    assert parse_address(url, "simulator").place == "mongodb+srv://c.example.net/lab"


@pytest.mark.parametrize("name", ["my.lab", "a%20b", "lab$", "a%22b", "x" * 64, "a%7Cb"])
def test_what_no_database_can_be_called_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="name of the database"):
        parse_address(f"mongodb://h/{name}", "simulator")
