"""Chatrooms: models talk only to each other until a text replicates itself."""
