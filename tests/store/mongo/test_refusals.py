"""A database that does not let us in says why and what to do, and never says the password."""

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from pymongo import AsyncMongoClient

from simulator.domain.batches import BatchQuery
from simulator.domain.records import ExperimentQuery, RunQuery
from simulator.errors import (
    PermissionDeniedError,
    SimulatorError,
    StoreUnavailableError,
    UsageError,
)
from simulator.store.mongo import MongoStore
from simulator.store.opening import StoreOptions
from tests.servers.mongo.launching import MongoServer
from tests.servers.process import free_port
from tests.store.asking import following, next_steps
from tests.store.examples import NOON, a_batch, a_lease, a_run, a_step, an_experiment

OPTIONS = StoreOptions(database="lab", timeout_s=1.5, patience_s=5.0)
PASSWORD = "hünter2 p@ss/w:rd%"
USERS = ("--user", f"ada:{PASSWORD}:readWrite", "--user", "eve:looks:read")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[MongoServer]:
    """A server that wants a name and a password."""
    with MongoServer(tmp_path / "guarded", options=USERS) as server:
        yield server


async def opened(url: str) -> MongoStore:
    return await MongoStore.open(url, OPTIONS, print)


async def refused(url: str, error: type[SimulatorError], match: str) -> SimulatorError:
    """The error of opening it, which tells no secret."""
    with pytest.raises(error, match=match) as caught:
        await opened(url)
    told = f"{caught.value.message} {caught.value.remedy}"
    for secret in (PASSWORD, "hunter3", "wrong-word"):
        assert secret not in told
        assert secret not in "".join(traceback.format_exception(caught.value))
    assert caught.value.remedy
    return caught.value


async def test_the_right_password_is_let_in_however_it_looks(guarded: MongoServer) -> None:
    store = await opened(guarded.uri_for("ada", PASSWORD))
    await store.add_experiment(an_experiment())
    card = await store.describe()
    assert card.may_write
    assert card.place == f"mongodb://127.0.0.1:{guarded.port}/lab"
    await store.close()


@pytest.mark.parametrize(("user", "password"), [("ada", "wrong-word"), ("nobody", "hunter3")])
async def test_a_wrong_password_or_name(guarded: MongoServer, user: str, password: str) -> None:
    url = guarded.uri_for(user, password)
    error = await refused(url, PermissionDeniedError, f"{user}.*password is wrong")
    assert error.exit_code == 4
    assert "authSource" in (error.remedy or "")


async def test_no_password_at_all(guarded: MongoServer) -> None:
    await refused(guarded.uri, PermissionDeniedError, "wants a user and a password")


async def test_nothing_listens() -> None:
    url = f"mongodb://ada:hunter3@127.0.0.1:{free_port()}/lab"
    error = await refused(url, StoreUnavailableError, "cannot be reached: nothing listens there")
    assert error.exit_code == 6
    assert "doctor" in (error.remedy or "")


async def test_a_host_that_nobody_knows() -> None:
    url = "mongodb://ada:hunter3@db.lab.invalid/lab"
    await refused(url, StoreUnavailableError, "host name is unknown")


async def test_a_cluster_that_nobody_knows() -> None:
    url = "mongodb+srv://ada:hunter3@cluster.lab.invalid/lab"
    await refused(url, StoreUnavailableError, "cannot be (found|reached)")


async def test_a_replica_set_of_another_name(tmp_path: Path) -> None:
    with MongoServer(tmp_path / "mongo", replica_set="rs0") as server:
        url = server.uri.replace("replicaSet=rs0", "replicaSet=other")
        await refused(url, StoreUnavailableError, "cannot be reached")


class TestReadOnlyUser:
    @pytest.fixture
    async def looking(self, guarded: MongoServer) -> MongoStore:
        """What Eve sees of Ada's database."""
        store = await opened(guarded.uri_for("ada", PASSWORD))
        await store.add_experiment(an_experiment())
        await store.add_run(a_run("R1"), [a_step(0)])
        await store.close()
        return await opened(guarded.uri_for("eve", "looks"))

    async def test_may_read_everything(self, looking: MongoStore, guarded: MongoServer) -> None:
        assert await looking.experiments(ExperimentQuery()) == [an_experiment()]
        assert await looking.runs(RunQuery()) == [a_run("R1")]
        assert await looking.count_messages(["R1"]) == {"R1": 1}
        assert not (await looking.describe()).may_write
        writer = await opened(guarded.uri_for("ada", PASSWORD))
        async with following(looking) as steps:
            assert await next_steps(steps, 1) == [a_step(0)]
            await writer.commit(a_step(1))
            assert await next_steps(steps, 1) == [a_step(1)]
        await writer.close()
        await looking.close()

    async def test_may_read_an_older_database(
        self, looking: MongoStore, guarded: MongoServer
    ) -> None:
        await looking.close()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            guarded.uri_for("ada", PASSWORD)
        )
        meta = client["lab"]["meta"]
        await meta.update_one({"_id": "schema"}, {"$set": {"version": 1}})
        older = await opened(guarded.uri_for("eve", "looks"))
        assert await older.runs(RunQuery(experiment_id="E1")) == [a_run("R1")]
        assert await older.batches(BatchQuery()) == []
        assert (await older.describe()).schema_version == 1
        await older.close()
        await client.close()

    async def test_is_refused_every_write(self, looking: MongoStore) -> None:
        for write in (
            looking.add_experiment(an_experiment("E2")),
            looking.add_batch(a_batch()),
            looking.update_batch("B1", order="cancel"),
            looking.delete_batch("B1"),
            looking.add_run(a_run("R2"), [a_step(0, "R2")]),
            looking.add_runs([a_run("R2")]),
            looking.annotate_run("R1", star="eve"),
            looking.annotate_experiment("E1", note="mine"),
            looking.acquire("R1", a_lease(), now=NOON),
            looking.delete_run("R1", now=NOON),
            looking.commit(a_step(1)),
        ):
            with pytest.raises(PermissionDeniedError, match=r"'eve' may not") as caught:
                await write
            assert "readWrite" in (caught.value.remedy or "")
        assert await looking.steps("R1") == [a_step(0)]
        await looking.close()

    async def test_cannot_set_up_an_empty_database(self, guarded: MongoServer) -> None:
        url = guarded.uri_for("eve", "looks")
        error = await refused(url, PermissionDeniedError, "'eve' may not")
        assert error.exit_code == 4


class TestCertificates:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    def served(
        self, folder: Path, authority: trustme.CA, name: str = "127.0.0.1", days: int = 1
    ) -> MongoServer:
        """A server with a certificate for the name, good for so many days from now."""
        until = datetime.now(UTC) + timedelta(days=days)
        certificate = authority.issue_cert(
            name, not_before=until - timedelta(days=30), not_after=until
        )
        certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        options = ("--tls-cert", str(folder / "server.pem"))
        return MongoServer(folder / "mongo", options=options)

    def url(self, server: MongoServer, folder: Path) -> str:
        return server.uri_for(options=f"tls=true&tlsCAFile={folder / 'authority.pem'}")

    async def test_of_a_known_authority(self, tmp_path: Path, authority: trustme.CA) -> None:
        with self.served(tmp_path, authority) as server:
            store = await opened(self.url(server, tmp_path))
            await store.add_experiment(an_experiment())
            await store.close()

    async def test_that_expired(self, tmp_path: Path, authority: trustme.CA) -> None:
        with self.served(tmp_path, authority, days=-1) as server:
            url = self.url(server, tmp_path)
            error = await refused(url, StoreUnavailableError, "certificate has expired")
            assert "renewed" in (error.remedy or "")

    async def test_of_another_name(self, tmp_path: Path, authority: trustme.CA) -> None:
        with self.served(tmp_path, authority, name="db.example.org") as server:
            url = self.url(server, tmp_path)
            await refused(url, StoreUnavailableError, "(?i)mismatch")

    async def test_of_an_unknown_authority(self, tmp_path: Path, authority: trustme.CA) -> None:
        with self.served(tmp_path, authority) as server:
            url = server.uri_for(options="tls=true")
            error = await refused(url, StoreUnavailableError, "cannot be trusted")
            assert "tlsCAFile" in (error.remedy or "")

    async def test_that_are_not_asked_for(self, tmp_path: Path, authority: trustme.CA) -> None:
        with self.served(tmp_path, authority) as server:
            await refused(server.uri, StoreUnavailableError, "cannot be reached")

    async def test_where_there_are_none(self, tmp_path: Path) -> None:
        with MongoServer(tmp_path / "mongo") as server:
            url = server.uri_for(options="tls=true")
            await refused(url, StoreUnavailableError, "cannot be")

    async def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        url = f"mongodb://127.0.0.1:{free_port()}/lab?tls=true&tlsCAFile={tmp_path / 'none.pem'}"
        with pytest.raises(UsageError, match=r"names a file that cannot be read: .*none\.pem"):
            await opened(url)
