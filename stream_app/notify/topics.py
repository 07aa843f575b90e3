"""The names of the topics that notify reads and writes, as they are in the cluster."""

from msgspec import Struct


class Topics(Struct, frozen=True, kw_only=True):
    """Those of a partition number belong together, but for those of others, `deliveries` and `dead_letters`.

    Others' are `interactions` and `erasures`.
    """

    alerts: tuple[str, ...]
    fates: str
    resolutions: str
    account_views: str
    feedback: str
    queue: str
    interactions: str
    deliveries: str
    dead_letters: str
    erasures: str
    changelog: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Those that change the state of a partition."""
        return (*self.alerts, self.fates, self.resolutions, self.account_views, self.feedback, self.queue)
