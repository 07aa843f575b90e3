"""Prints rows as a table that a page can hold as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict


def show(rows: Sequence[object], columns: Mapping[str, tuple[str, str]]) -> None:
    """Print rows, values of one dataclass; `columns` gives for each field its head and its format."""
    texts = [[head for head, _ in columns.values()]]
    for row in rows:
        values = asdict(row)
        texts.append(["–" if values[name] is None else format(values[name], how) for name, (_, how) in columns.items()])
    widths = [max(len(line[i]) for line in texts) for i in range(len(columns))]
    for number, line in enumerate(texts):
        print("| " + " | ".join(_aligned(text, widths[i], i) for i, text in enumerate(line)) + " |")
        if number == 0:
            print("| " + " | ".join("-" * width for width in widths) + " |")
    print(flush=True)


def _aligned(text: str, width: int, column: int) -> str:
    return text.rjust(width) if column else text.ljust(width)
