"""What people said of a message, as it stands on `cs-feedback`."""

from msgspec import Struct

from stream_app.core.events import Micros
from stream_app.core.notify.orders import Action


class Feedback(Struct, frozen=True, kw_only=True):
    """One press of a button. `account` is the key of the alert topics: account id, else customer id."""

    feedback_id: str
    case_id: str
    account: str
    action: Action
    by: str
    at: Micros
    alert_ids: tuple[str, ...] = ()
    rule_id: str = ""
    channel: str = ""
