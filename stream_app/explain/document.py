"""The explanation for programs: what the text says, each thing by itself."""

from collections.abc import Iterable, Mapping

import orjson

from stream_app.codec.outputs import filled, optional_time, time_text
from stream_app.core.events import NEVER
from stream_app.core.hypotheses import told as read_prices
from stream_app.core.state import UNKNOWN_CUSTOMER
from stream_app.explain.ahead import closest, coming
from stream_app.explain.answer import answer
from stream_app.explain.matches import Alerted, Matched
from stream_app.explain.page import answered, standing
from stream_app.explain.speaker import Speaker
from stream_app.explain.story import Person, Story
from stream_app.explain.timeline import Entry

_Fields = dict[str, object]


def document(story: Story, matched: tuple[Matched, ...], entries: Iterable[Entry], speaker: Speaker) -> str:
    """Return it as one line of JSON."""
    given = answer(story, matched)
    fields = {
        "sought": story.sought,
        "about": story.about,
        "as_of": time_text(story.now),
        "rule_set": speaker.rules.id,
        "answer": {"is": given.answered, "text": list(answered(story, given, speaker))},
        "people": [_person(one, speaker) for one in story.people],
        "matches": [_match(one, speaker) for one in matched],
        "timeline": [_entry(one) for one in entries],
        "asleep": speaker.rules.asleep,
        "erased": story.erased,
        "anonymous_views": story.anonymous,
    }
    return orjson.dumps(fields, option=orjson.OPT_NON_STR_KEYS).decode()  # words of closed lists are no plain text


def not_known(story: Story, text: str) -> str:
    """Return that nothing is known of a name, as one line of JSON."""
    why = "erased" if story.erased else "unknown"
    return orjson.dumps({"sought": story.sought, "answer": {"is": why, "text": text.splitlines()}}).decode()


def _person(person: Person, speaker: Speaker) -> _Fields:
    state, rules = person.state, speaker.rules
    if state is UNKNOWN_CUSTOMER:
        return {"customer_id": person.customer_id, "state": None}
    stands = standing(person, speaker)
    tale = read_prices(state, rules.tuning, rules.pages, rules.days)
    return {
        "customer_id": person.customer_id,
        "state": filled(
            {
                "account_id": state.profile.account_id if state.profile else "",
                "stage": state.profile.stage if state.profile else None,
                "tier": state.profile.tier if state.profile else None,
                "plan": state.profile.plan if state.profile else "",
                "cell": stands.cell,
                "lifetime_value": stands.lifetime_value,
                "currency": stands.currency,
                "nps": stands.nps,
                "proposed_tier": stands.proposed_tier,
                "onboarding": stands.onboarding,
                "contacted_at": optional_time(stands.contacted_at),
                "due_at": None if state.due == NEVER else time_text(state.due),
            }
        ),
        "readings": [
            {"reading": one.reading, "confidence": one.confidence, "because": one.because} for one in tale.readings
        ]
        if tale
        else [],
        "weights": dict(tale.weights) if tale else {},
        "open": [
            {
                "alert_id": matter.alert_id,
                "rule_id": matter.rule_id,
                "since": time_text(matter.opened_at),
                "until": time_text(matter.expires_at),
            }
            for matter in state.matters.values()
        ],
        "wants": [
            filled(
                {
                    "rule_id": one.rule_id,
                    "page": one.category,
                    "looks": one.looks,
                    "at": time_text(one.at),
                    "held_back": one.held,
                }
            )
            for one in closest(person.wanted)
        ],
        "coming": [
            {"rule_id": one.rule_id, "at": time_text(one.at)}
            for one in coming(person.customer_id, state, rules, speaker.now)
        ],
    }


def _match(match: Matched, speaker: Speaker) -> Mapping[str, object]:
    if not isinstance(match, Alerted):
        held = match.held
        return {
            "match_id": held.match_id,
            "rule_id": held.rule_id,
            "customer_id": held.customer_id,
            "occurred_at": time_text(held.occurred_at),
            "fate": "suppressed",
            "reason": held.reason,
            "text": speaker.match(match),
        }
    alert = match.alert
    told = [
        {
            "route": one.delivery.route,
            "to": speaker.whom(one.delivery.target),
            "fate": one.delivery.fate,
            "reason": one.delivery.reason,
            "at": time_text(one.delivery.at),
            "delay": one.delay,
        }
        for one in match.told
    ]
    waiting = [{"to": speaker.whom(one.target), "at": optional_time(one.at)} for one in match.waiting]
    return {
        "match_id": alert.alert_id,
        "rule_id": alert.rule_id,
        "customer_id": alert.customer_id,
        "occurred_at": time_text(alert.occurred_at),
        "fate": "alert",
        "told": told,
        "waiting": waiting,
        "text": speaker.match(match),
    }


def _entry(entry: Entry) -> _Fields:
    return filled(
        {
            "at": time_text(entry.at),
            "until": optional_time(entry.until),
            "customer_id": entry.customer_id,
            "kind": entry.kind,
            "verdict": entry.verdict,
            "times": entry.times,
            "id": entry.id,
            "text": entry.text,
        }
    )
