"""Real-time customer-success signals from marketing-automation web logs."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("stream-app")
except PackageNotFoundError:  # a source tree that nobody installed
    __version__ = "0+unknown"
