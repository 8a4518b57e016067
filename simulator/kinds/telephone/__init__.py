"""Texts that pass from agent to agent, generation after generation."""
