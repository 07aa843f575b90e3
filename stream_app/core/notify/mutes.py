"""What nobody wants to hear for a while, by the settings."""

from msgspec import Struct

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Micros
from stream_app.core.routes import Matcher, facts_of


class Mute(Struct, frozen=True, kw_only=True):
    """Silences what it takes until its time; empty lists take any customer and account."""

    match: Matcher = Matcher()
    customers: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    until: Micros
    why: str

    def takes(self, alert: PublishedAlert, now: Micros) -> bool:
        """Tell whether nobody is to hear of this alert now."""
        return (
            now < self.until
            and (not self.customers or alert.customer_id in self.customers)
            and (not self.accounts or alert.account_id in self.accounts)
            and self.match.takes(facts_of(alert))
        )
