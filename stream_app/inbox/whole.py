"""All that is kept of a case, as the page shows one that was opened. What each field is stands in docs/inbox-api.md."""

from collections.abc import Iterator, Mapping

from msgspec import to_builtins

from stream_app.codec.outputs import optional_time, time_text
from stream_app.core.alerts import PublishedAlert
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.core.notify.ends import End
from stream_app.core.notify.fates import Delivery
from stream_app.core.routing import Routing
from stream_app.explain.matches import reader_of
from stream_app.explain.words import words_of
from stream_app.inbox.cards import CONTACTED, Desk, Fields, card, reading, seen, some, told_deed
from stream_app.inbox.case import Case
from stream_app.render.case import whole
from stream_app.render.catalogue import catalogue
from stream_app.render.compose import happened, render
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_NAME, MAX_REASON, shown
from stream_app.render.who import Sender

REPLACED = "replaced"

_TOLD = ("heading", "headline", "who", "happened", "seen", "more", "read_before", "meaning", "how_sure", "readings")
_TO_SAY = ("options", "draft", "links")


def whole_case(case: Case, desk: Desk, now: Micros, email: str) -> Fields:
    """Return everything; the draft is signed by who reads, else by the owner."""
    newest_first = case.shown[::-1]
    return {
        "card": card(case, desk, now),
        "told": {str(each): _told(case, each, desk, now, email) for each in Language},
        "evidence": sorted(_evidence(newest_first), key=lambda one: str(one["at"]), reverse=True),
        "alerts": [_alert(one, case, desk) for one in newest_first],
        "alerts_left_out": case.left_out,
        "deeds": _deeds(case),
        "again": len(case.again),
    }


def _told(case: Case, language: Language, desk: Desk, now: Micros, email: str) -> Fields:
    alert = whole(case.holding)
    signs = email or (alert.customer.owner if alert.customer else "")
    message = render(
        alert,
        language=language,
        zone=desk.zone,
        now=now,
        playbooks=desk.playbooks,
        sender=Sender(name=desk.name(signs) if signs else "", email=signs),
        link_templates=desk.links,
    )
    fields: Fields = to_builtins(message)
    return {key: value for key in (*_TOLD, *_TO_SAY) if (value := fields[key]) not in ("", None)}


def _evidence(alerts: tuple[PublishedAlert, ...]) -> Iterator[Fields]:
    """Yield what was seen, each thing once, with the newest alert that rests on it."""
    told: set[tuple[str, str]] = set()
    for alert in alerts:
        for one in alert.evidence:
            if (alert.customer_id, one.event_id) not in told:
                told.add((alert.customer_id, one.event_id))
                yield {**seen(one), "alert": alert.alert_id}


def _alert(alert: PublishedAlert, case: Case, desk: Desk) -> Fields:
    end = case.ends.get(alert.alert_id)
    told = {
        "id": alert.alert_id,
        "rule": alert.rule_id,
        "intent": alert.intent,
        "severity": alert.severity,
        "raised": alert.alert_id in case.together.alert_ids,
        "customer": alert.customer_id,
        "customer_name": shown(alert.customer.name, MAX_NAME) if alert.customer else "",
        "at": time_text(alert.occurred_at),
        "detected_at": optional_time(alert.detected_at),
        "happened": {each: happened(alert, catalogue(each)) for each in Language},
        "ended": _ended(end) if end else None,
    }
    return {
        **some(told),
        "readings": [{**reading(one), "because": list(one.because)} for one in alert.readings],
        "fates": [_fate(one, desk) for one in case.fates.get(alert.alert_id, ())],
        "waits": [_wait(one, desk) for one in case.waits(alert.alert_id)],
    }


def _ended(end: End) -> Fields:
    return {"reason": end.reason or REPLACED, "at": time_text(end.at)}


def _fate(fate: Delivery, desk: Desk) -> Mapping[str, object]:
    target = fate.target
    who = reader_of(target, desk.rules)
    return some(
        {
            "route": shown(fate.route, MAX_ID),
            "sink": target.sink,
            "to": desk.name(who) if who else shown(target.address, MAX_ADDRESS),
            "fate": fate.fate,
            "reason": fate.reason,
            "at": time_text(fate.at),
            "detail": shown(fate.detail, MAX_REASON),
            "text": {each: words_of(each).reason[fate.reason] for each in Language},
        }
    )


def _wait(routing: Routing, desk: Desk) -> Mapping[str, object]:
    to = desk.name(routing.person) if routing.person else shown(routing.target.address, MAX_ADDRESS)
    return some({"route": shown(routing.route, MAX_ID), "sink": routing.target.sink, "to": to})


def _deeds(case: Case) -> list[Fields]:
    deeds = [told_deed(deed) for deed in case.deeds]
    if case.contacted_at is not None:
        deeds.append({"action": CONTACTED, "at": time_text(case.contacted_at)})
    return sorted(deeds, key=lambda one: str(one["at"]), reverse=True)
