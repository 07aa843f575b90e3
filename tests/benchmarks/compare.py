"""Runs one job through each engine on the embedded Kafka and prints one table. README.md beside this file says more.

examples:
  python tests/benchmarks/compare.py
  python tests/benchmarks/compare.py --events 100000 --engines detect,quix --json result.json
  python tests/benchmarks/compare.py --engines detect --rates 500
  python tests/benchmarks/compare.py --engines detect --rates '' --profile
  python tests/benchmarks/compare.py --restore
  python tests/benchmarks/compare.py --growth --engines detect-rocksdb
"""

import argparse
import json
import logging
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from comparison.engines import ENGINES
from comparison.ground import DidNotFinish
from comparison.speed import WARM_UP
from comparison.stage import Stage
from comparison.tables import TABLES, main_table

from stream_app.testing import EmbeddedKafka


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="engines:\n" + "\n".join(f"  {name:<16}{engine.does}" for name, engine in ENGINES.items()),
    )
    parser.add_argument("--events", type=int, default=60_000, help="how many events (default: %(default)s)")
    parser.add_argument("--engines", help="which, with commas (default: all that the table is about)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to this file, too")
    parser.add_argument("--rates", default="500,5000", help="events/s of the latencies, with commas; '' for none")
    parser.add_argument("--profile", action="store_true", help="say where the time of detect goes, too")
    tables = parser.add_argument_group("instead of the main table").add_mutually_exclusive_group()
    for name, table in TABLES.items():
        tables.add_argument(f"--{name}", dest="table", action="store_const", const=name, help=table.__doc__)
    return checked(parser, parser.parse_args(words))


def checked(parser: argparse.ArgumentParser, given: argparse.Namespace) -> argparse.Namespace:
    """Return what was asked for, split at its commas; end with what is wrong about it."""
    given.engines = given.engines.split(",") if given.engines else None
    if unknown := set(given.engines or ()) - set(ENGINES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(ENGINES)}")
    try:
        given.rates = [int(rate) for rate in given.rates.split(",") if rate]
    except ValueError:
        parser.error("--rates are whole numbers with commas between, such as 500,5000")
    if given.events <= WARM_UP:
        parser.error(f"--events must be more than {WARM_UP}: with so many an engine is warmed up")
    return given


def main() -> None:
    """Run what was asked for."""
    given = arguments()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it tells of each second try
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    table = TABLES.get(given.table, main_table)
    try:
        with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
            rows = table(Stage(kafka.bootstrap_servers, Path(folder), given))
    except KeyboardInterrupt:
        sys.exit(130)
    except DidNotFinish as error:
        sys.exit(f"an engine did not finish; the end of its log:\n{error}")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
