"""All histories of which it is known what must be said."""

from tests.core.notify.notify_noise import NOISE
from tests.core.notify.notify_timing import TIMING
from tests.core.notify.notify_turns import TURNS

STORIES = [*TIMING, *NOISE, *TURNS]
