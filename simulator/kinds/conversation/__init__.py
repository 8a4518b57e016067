"""Roles with shared and private prompt sections talk over several days."""
