"""Other people's event formats turned into ours, one file each."""

from stream_app.formats.access_log import Identity, read_access_log
from stream_app.formats.csv_export import CsvMapping, read_csv
from stream_app.formats.lines import BadLine, IgnoredLine

__all__ = ["BadLine", "CsvMapping", "Identity", "IgnoredLine", "read_access_log", "read_csv"]
