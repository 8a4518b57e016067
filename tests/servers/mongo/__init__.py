"""A strict stand-in for a MongoDB server, for tests on machines that have none.

It speaks MongoDB's wire protocol to the real driver, keeps its data in an SQLite file so that an
acknowledged write survives a SIGKILL, and knows about what the store uses: the commands, filters,
updates, expressions and stages that its modules list, with the codes and messages of MongoDB 7.0.
What it does not know it refuses, with code 238 where a real server would have it: nothing that
it is told is ever ignored.

It is NOT authoritative. It stands in for `mongod`, and the same tests run against the real thing:

    MONGODB_URI=mongodb://127.0.0.1:27017/?replicaSet=rs0 pytest tests/store tests/servers/mongo

or with a `mongod` on the PATH and no variable (see `choosing`). The tests of the stand-in's own
behaviour here (`test_filters`, `test_updates`, `test_reading`, `test_indexes`, `test_refusals`,
`test_change_streams`) are tables of what MongoDB documents, and run against whichever server there
is: a row that fails on a real one is a mistake of the stand-in. `test_server` is about the stand-in
alone.

Where it knowingly differs: one member, no transactions, no collations, no `Decimal128`, indexes
with two fields in one array are refused, plans are chosen by simple rules (`planning`), index
counts are exact where a real server looks at a key more, `readWrite` users may use all databases,
and the fail point needs neither a flag nor a user (it has three settings more; see `faults.Fault`).

The parts: `wire` and `server` take messages in; `registry` checks them; `reading`, `writing`,
`administering`, `greeting`, `explaining`, `access` and `faults` are the commands; `matching`,
`expressions`, `projecting`, `updating`, `upserting` and `pipelines` are the languages in them;
`values` is the order of BSON; `storage`, `indexes`, `bounds`, `planning` and `covering` find
documents; `events` and `streams` tell what happened. `launching.MongoServer` starts it for a test.
"""

from tests.servers.mongo.launching import MongoServer

__all__ = ["MongoServer"]
