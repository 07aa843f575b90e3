"""When to contact the customer, in a line: the plan of the core in the reader's words."""

from zoneinfo import ZoneInfo

from stream_app.core.calendar import NeverOpen
from stream_app.core.contact import ContactPlan, customer_zone, plan
from stream_app.core.events import Micros
from stream_app.playbooks.placeholders import fill
from stream_app.render.pen import Pen
from stream_app.render.when import local, told_times, told_zone
from stream_app.render.who import AnyAlert


def when_to_contact(alert: AnyAlert, pen: Pen) -> str:
    """Return the two steps in the customer's time, and when that is here; empty where hours leave no day."""
    zone = customer_zone(alert.customer.timezone if alert.customer else "", pen.contact)
    try:
        found = plan(pen.now, zone, pen.contact)
    except NeverOpen:  # a message does not wait for hours that nobody can keep
        return ""
    said = _steps(found, zone, pen)
    if found.call_at == pen.now or _same_clock(found.call_at, zone, pen.reader.zone):
        return said
    here = _moment(found.call_at, pen.reader.zone, pen)
    values = {"plan": said, "zone": told_zone(pen.reader.zone, pen.words), "time": here}
    return fill(pen.words.contact.local, values)


def _steps(found: ContactPlan, zone: ZoneInfo, pen: Pen) -> str:
    words, mails_now = pen.words.contact, found.mail_at == pen.now
    if found.call_at == found.mail_at:
        template = words.now if mails_now else words.both_later
    else:
        template = words.call_later if mails_now else words.mail_later
    return fill(template, {"mail": _moment(found.mail_at, zone, pen), "call": _call(found, zone, pen)})


def _call(found: ContactPlan, zone: ZoneInfo, pen: Pen) -> str:
    """Return when to call, without the day where that of the e-mail says it."""
    same_day = local(found.mail_at, zone).date() == local(found.call_at, zone).date()
    return f"{local(found.call_at, zone):%H:%M}" if same_day else _moment(found.call_at, zone, pen)


def _moment(at: Micros, zone: ZoneInfo, pen: Pen) -> str:
    """Return a time of today, or with its day."""
    if local(at, zone).date() == local(pen.now, zone).date():
        return f"{local(at, zone):%H:%M}"
    return told_times((at,), zone, pen.now, pen.words)


def _same_clock(at: Micros, one: ZoneInfo, other: ZoneInfo) -> bool:
    return local(at, one).utcoffset() == local(at, other).utcoffset()
