"""OpenAI, Azure OpenAI, and every server that speaks their API."""
