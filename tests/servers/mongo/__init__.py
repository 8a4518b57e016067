"""A strict stand-in for a MongoDB server."""

from tests.servers.mongo.launching import MongoServer

__all__ = ["MongoServer"]
