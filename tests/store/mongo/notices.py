"""What a store tells the user, to be waited for."""

import asyncio

PATIENCE_S = 60


class Notices:
    """What the store told the user."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._news = asyncio.Event()

    def __call__(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self._news.set()

    async def wait_for(self, text: str) -> None:
        """Until a sentence with the text was heard."""
        async with asyncio.timeout(PATIENCE_S):
            while not any(text in sentence for sentence in self.sentences):
                self._news.clear()
                await self._news.wait()
