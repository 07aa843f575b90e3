"""The worker with fetches that last until they bring something: one is under way whenever a rebalance begins."""

import asyncio
import sys
from typing import Any

from aiokafka.consumer.fetcher import Fetcher

from tests.faults.worker import main

REST = 0.5  # seconds: longer than from a new assignment to where records flow again

as_it_is = Fetcher.fetched_records


async def patient(self: Fetcher, partitions: Any, *_: float, max_records: int | None = None, **__: float) -> Any:
    """Look again and again for what has arrived."""
    while not (found := await as_it_is(self, partitions, 0, max_records)):
        await asyncio.sleep(REST)
    return found


Fetcher.fetched_records = patient

if __name__ == "__main__":
    sys.exit(main())
