"""How hard the histories are tried: `--hypothesis-profile many` for a long look."""

from hypothesis import settings

settings.register_profile("many", max_examples=5_000, deadline=None)
