"""The product's two machines on the histories of the judge."""

from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import MINUTE
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.mutes import Mute
from stream_app.core.notify.orders import Acted
from stream_app.core.notify.rules import NotifyRules
from stream_app.notify_simulation import perfect, simulate_notify
from tests.core.notify.naive_cases import account_of


def rules_of(world):
    """Return the product's form of what the settings say."""
    return NotifyRules(
        routes=world.routes,
        second=world.routes.fallback,
        people=world.people,
        calendars=world.calendars,
        daily_budget=world.budget,
        mutes=tuple(Mute(match=match, until=until, why="") for match, until in world.mutes),
    )


def heard(history):
    """Yield a history as the product hears it: feedback names the account."""
    accounts = {one.alert_id: account_of(one) for _, one in history if isinstance(one, PublishedAlert)}
    for number, (at, one) in enumerate(history):
        if isinstance(one, Acted):
            account = accounts.get(one.case_id, "")
            one = Feedback(
                feedback_id=str(number), case_id=one.case_id, account=account, action=one.action, by=one.by, at=one.at
            )
        yield at, one


def told(history, world, until, *, cases=Cases, desk=Desk, sinks=perfect):
    """Return what the machines say of a history."""
    rules = rules_of(world)
    return simulate_notify(heard(history), cases(rules), lambda target: desk(target, rules), until=until, sinks=sinks)


def said(told):
    """Return the parcels in the judge's form."""
    return sorted(
        (
            (at // MINUTE * MINUTE, parcel.target, str(parcel.kind), tuple(one.case_id for one in parcel.messages))
            for at, parcel in told.parcels
        ),
        key=repr,
    )


def fates(told):
    """Return the fates in the judge's form."""
    return sorted((one.alert_id, one.route, str(one.fate), str(one.reason)) for one in told.deliveries)
