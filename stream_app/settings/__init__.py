"""Settings, read at the edge: one TOML file and `STREAM_APP_…` variables, nothing unknown in either."""

from stream_app.settings.load import load
from stream_app.settings.model import Settings, SettingsError
from stream_app.settings.source import Source

__all__ = ["Settings", "SettingsError", "Source", "load"]
