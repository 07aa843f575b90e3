"""What all tables need: the broker, a folder, what was asked for, and a way to say how far it is."""

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from comparison.engines import ENGINES, Engine
from comparison.ground import Ground
from comparison.job import CUSTOMERS, PARTITIONS


class Stage:
    """One run of the command."""

    def __init__(self, broker: str, folder: Path, given: argparse.Namespace) -> None:
        self.broker = broker
        self.folder = folder
        self.given = given

    def engines(self, able: Sequence[str] = tuple(ENGINES)) -> list[str]:
        """Return the engines that were asked for, of those that a table is about."""
        return [name for name in self.given.engines or able if name in able]

    def place(self, name: str, engine: Engine) -> Ground:
        """Return topics and folder for a run."""
        return Ground(name, engine, self.broker, self.folder)

    def said(self, text: str) -> None:
        """Tell how far it is."""
        print(text, file=sys.stderr, flush=True)

    def head(self, text: str = "") -> None:
        """Print under which conditions the table that follows was measured."""
        text = text or f"{self.given.events:,} events, {CUSTOMERS:,} customers"
        print(
            f"\n{text}, {PARTITIONS} partitions; Python {platform.python_version()}, {os.cpu_count()} cores, ", end=""
        )
        print("embedded Kafka, one process per engine\n")
