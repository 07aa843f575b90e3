"""Sinks that note what they are given, and answer as a test wants it."""

import asyncio

from stream_app.sinks.base import Envelope


class Noting:
    """Takes everything; `answers` are used up first: an exception is raised, an event waited for."""

    def __init__(self, *answers):
        self.said = []
        self.answers = list(answers)
        self.asked = asyncio.Event()

    async def deliver(self, envelope: Envelope):
        self.asked.set()
        match self.answers.pop(0) if self.answers else None:
            case BaseException() as error:
                raise error
            case asyncio.Event() as event:
                await event.wait()
        self.said.append((envelope.parcel.id, envelope.parcel.repeat))

    async def close(self):
        pass
