"""What is replaced of Faust was written for one version of it."""

from importlib.metadata import version

from stream_app.workers.faust_parts import WRITTEN_FOR


def test_faust_is_the_version_that_faust_parts_was_written_for():
    """If this fails, read the top of faust_parts.py against the new version before changing the number."""
    assert WRITTEN_FOR == version("faust-streaming")
