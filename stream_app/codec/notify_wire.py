"""What notify says on its public topics: the names, what is required, what a value may look like; see `wire`."""

from typing import Annotated

from msgspec import Meta, Struct

from stream_app.codec.alert_wire import Whose
from stream_app.codec.wire import Id, MatchId, Moment, Version
from stream_app.core.alerts import Intent, Severity
from stream_app.core.notify.fates import Fate, FateReason
from stream_app.core.notify.orders import Action
from stream_app.core.routes import Sink
from stream_app.core.routing import AddressKind


class WireTarget(Struct, frozen=True, kw_only=True):
    """Where in the sink; without an address where the sink has one place only."""

    kind: AddressKind
    address: str | None = None


class WireDelivery(Struct, frozen=True, kw_only=True):
    """What became of an alert on a route. It may be said again: alert and route together tell them apart."""

    alert_id: MatchId
    case_id: Annotated[str, Meta(description="The id of the first alert of the open message.")]
    route: str
    sink: Sink
    target: WireTarget
    fate: Fate
    reason: FateReason
    at: Moment
    intent: Intent
    severity: Severity
    rule_id: str
    customer_id: Whose = None
    account_id: Id | None = None
    detail: str | None = None
    schema_version: Version


class WireFeedback(Struct, frozen=True, kw_only=True):
    """What somebody did with a message. It may be said again: `feedback_id` tells them apart."""

    feedback_id: Id
    case_id: Id
    account: Annotated[Id, Meta(description="The account, else the customer; absent: the site.")] | None = None
    alert_ids: Annotated[list[MatchId], Meta(max_length=1000)]
    rule_id: Id | None = None
    action: Action
    by: Annotated[str, Meta(max_length=256)]
    at: Moment
    channel: Annotated[str, Meta(max_length=256)] | None = None
    schema_version: Version
