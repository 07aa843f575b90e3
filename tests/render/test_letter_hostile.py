"""What customers control is shown as harmless text in every kind of letter, and never reaches a draft."""

import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import Cell, Evidence, Intent, Reading, ResolvedReason, Snapshot, Standing, Weighed
from stream_app.core.language import Language
from stream_app.core.notify.ends import End
from stream_app.core.notify.message import Deed
from stream_app.core.notify.orders import Action
from stream_app.core.notify.parcels import Kind
from stream_app.core.routing import Why
from stream_app.render.letters import Whole
from tests.render.cases import message, parcel, published, told
from tests.render.samples import MORNING
from tests.render.test_hostile_text import HOSTILE

WHY = (Why.MATCHED, Why.UNKNOWN_OWNER, Why.OWNER_AWAY, Why.DEPUTY)


def hostile(text):
    """Return a case that has this text wherever somebody outside can put one; two people, so that both are told."""
    seen = Evidence(event_id=text, occurred_at=MORNING, category=text, url=f"https://a.example/{text}", title=text)
    bought = replace(seen, event_id=f"{text}2", amount=text, currency=text, plan=text)
    customer = Snapshot(
        name=text, account_name=text, owner=text, plan=text, language=text, timezone=text, renewal_date=text
    )
    reading = Weighed(reading=Reading.CHURN, confidence=1.0, because=(text, text))
    standing = Standing(lifetime_value=text, currency=text, cell=Cell.LEAVING, contacted_at=MORNING, onboarding=True)
    fields = {
        "account_id": text,
        "customer": customer,
        "reason": text,
        "rule_id": text,
        "evidence": (seen, bought),
        "readings": (reading,),
        "standing": standing,
        "preceded_by": f"https://a.example/{text}",
    }
    alerts = (
        published(Intent.BUDGET, customer_id=text, **fields),
        published(Intent.CHURN, customer_id="c-2", supersedes=text, **fields),
        replace(published(Intent.UPGRADE, customer_id=text, **fields), alert_id=text),
    )
    ends = (End(alert_id=text, reason=ResolvedReason.EXPIRED, at=MORNING), End(alert_id="another", by=text, at=MORNING))
    deed = Deed(action=Action.ACKNOWLEDGE, by=text, at=MORNING)
    return message(*alerts, why=WHY, absent=(text,), mentions=(text,), escalated_from=text, deeds=(deed,), ends=ends)


def strings(value):
    """Yield each text that is for display."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (one for key, each in value.items() if key not in ("ids", "url", "case_id") for one in strings(each))
    elif isinstance(value, list | tuple):
        yield from (one for each in value for one in strings(each))


def letter_of(kind, text, language):
    count = 7 if kind in (Kind.BUNDLE, Kind.DIGEST) else 1
    case = hostile(text)
    return told(parcel(kind, *[case] * count, new=case.alerts), language)


def controls(letter):
    """Return what is not seen in a letter; only a draft has several lines."""
    if isinstance(letter, Whole):
        body = letter.message.draft.body.replace("\n", "")
        letter = replace(letter, message=replace(letter.message, draft=replace(letter.message.draft, body=body)))
    said = "".join(strings(msgspec.to_builtins(letter)))
    return {char for char in said if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - set("\u200c\u200d")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", HOSTILE, ids=map(str, range(len(HOSTILE))))
def test_it_is_shown_as_harmless_text(text, kind, language):
    letter = letter_of(kind, text, language)
    said = list(strings(msgspec.to_builtins(letter)))

    assert set() == controls(letter)
    assert sum(map(len, said)) < 20_000
    assert [] == [one for one in said if "49" in one or "class 'str'" in one]


@settings(max_examples=30, deadline=None)
@given(kind=st.sampled_from(Kind), text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_nothing_unseen_gets_through(kind, text):
    assert set() == controls(letter_of(kind, text, Language.JA))


def test_a_letter_is_the_same_after_being_stored_as_json():
    for kind in Kind:
        letter = letter_of(kind, "<!channel>\x00", Language.EN)

        assert letter == msgspec.json.decode(msgspec.json.encode(letter), type=type(letter))


MARK = "9f3a"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", [Kind.ALERT, Kind.UPDATE])
def test_no_draft_tells_what_was_seen(kind, language):
    """What others of the account saw is no more for the customer than what this one saw."""
    seen = Evidence(event_id=MARK, occurred_at=MORNING, category=MARK, url=f"https://a.example/{MARK}", title=MARK)
    alerts = (published(Intent.BUDGET, customer_id="c-2", evidence=(seen,)), published(Intent.CHURN, evidence=(seen,)))
    letter = told(parcel(kind, message(*alerts, again=(MORNING,), account=MARK)), language)

    assert MARK in "".join(letter.also)
    assert MARK in "".join(seen.what for seen in letter.message.seen)
    assert MARK not in f"{letter.message.draft.subject}{letter.message.draft.body}"
    assert told(parcel(kind, message(published(Intent.CHURN))), language).message.draft == letter.message.draft
