"""Settings out of TOML text, and what is said where they are refused."""

import re

import pytest

from stream_app.settings import SettingsError, load


@pytest.fixture
def written(tmp_path):
    """Load settings from this TOML text and these variables."""

    def load_written(text="", /, **environ):
        file = tmp_path / "stream-app.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ)

    return load_written


@pytest.fixture
def refusal(written):
    """Return what is said when this TOML text and these variables are refused, without the file's folder."""

    def refused(text="", /, **environ):
        with pytest.raises(SettingsError) as caught:
            written(text, **environ)
        return re.sub(r"\S*/stream-app.toml", "file", str(caught.value))

    return refused
