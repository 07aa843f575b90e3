"""Settings, read once at the edge: one TOML file and `STREAM_APP_…` variables, nothing unknown in either."""

from stream_app.settings.load import load
from stream_app.settings.model import Settings, SettingsError

__all__ = ["Settings", "SettingsError", "load"]
