"""Models of an Ollama server, by its own chat API."""
