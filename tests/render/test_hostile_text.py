"""What customers control is shown as text or not at all, and what we saw never reaches a draft."""

import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.core.alerts import Cell, Evidence, Intent, Reading, Standing, Weighed
from stream_app.core.events import MINUTE, Profile
from stream_app.core.language import Language
from stream_app.core.pages import PageCategory
from stream_app.playbooks import load_playbooks
from stream_app.render import Message, plain, render
from tests.render.found import RULES, found
from tests.render.samples import CUSTOMERS, LINKS, MORNING, SENDERS, TOKYO, alert_of

BOOKS = load_playbooks()
TELLTALES = {
    Language.JA: ("ご覧", "閲覧", "ページ", "アクセス", "拝見", "http", "www.", "6月", "10:", "解約", "料金", "価格"),
    Language.EN: ("view", "visit", "page", "noticed", "saw", "seen", "http", "www.", "Jun", "10:", "cancel", "pric"),
}
"""No draft holds one of these, not even in a sentence of its own ("review" is another word)."""

HOSTILE = [
    "\u202eevil\u202c",
    "nul\x00\x1b[2Jescape",
    "x" * 10_000,
    "{0.__class__}",
    "{{7*7}}",
    "{customer_name}{owner_email}",
    "<!channel> <https://evil.example|click> @here",
    "<script>alert(1)</script>",
    "\ud800",
    "a\u0300" * 5_000,
    "%(x)s %s ${x}",
]


def told(alert, language):
    return render(
        alert,
        language=language,
        zone=TOKYO,
        now=MORNING + 5 * MINUTE,
        playbooks=BOOKS,
        sender=SENDERS[language],
        link_templates=LINKS,
    )


def everywhere(text):
    """Return an alert that has this text wherever a customer can put one."""
    evidence = Evidence(
        event_id=text,
        occurred_at=MORNING,
        category=text,
        url=f"https://www.example.com/{text}",
        title=text,
        amount=text,
        currency=text,
        plan=text,
        product_id=text,
    )
    profile = Profile(
        occurred_at=0, name=text, account_id=text, account_name=text, owner=text, plan=text, renewal_date=text
    )
    return replace(
        alert_of(Intent.CHURN),
        customer_id=text,
        account_id=text,
        customer=profile,
        rule_id=text,
        reason=text,
        evidence=(
            evidence,
            replace(evidence, amount="", url=text),
            replace(evidence, amount="", url="", category="nps"),
        ),
        readings=tuple(Weighed(reading=one, confidence=0.25, because=(text,) * 50) for one in Reading) * 3,
        standing=Standing(lifetime_value=text, currency=text, nps=10**40, cell=Cell.FAN, moved_from=Cell.LOYAL),
        preceded_by=f"https://www.example.com/{text}",
        supersedes=text,
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", HOSTILE, ids=map(str, range(len(HOSTILE))))
def test_hostile_text_is_shown_as_harmless_text(text, language):
    said = plain(told(everywhere(text), language))
    unseen = {char for char in said if unicodedata.category(char) in ("Cc", "Cf", "Cs")} - {"\n"}

    assert set() == unseen
    assert len(said.encode()) < 20_000
    assert "49" not in said
    assert "class 'str'" not in said


def test_placeholders_in_names_are_not_filled():
    body = told(everywhere("{owner_email}"), Language.EN).draft.body

    assert body.startswith("Hello {owner_email},\n")
    assert body.endswith("Account Owner\nowner@example.com")


def test_a_message_is_the_same_after_being_stored_as_json():
    message = told(everywhere("\x00\u202e"), Language.JA)

    assert message == msgspec.json.decode(msgspec.json.encode(message), type=Message)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
evidence = st.builds(
    Evidence,
    event_id=texts,
    occurred_at=st.integers(0, 2 * MORNING),
    category=st.sampled_from(list(PageCategory)) | texts,
    url=texts | texts.map("https://www.example.com/{}".format),
    title=texts,
    amount=texts | st.just(""),
    currency=texts,
    plan=texts,
    product_id=texts,
)


@given(
    intent=st.sampled_from(Intent),
    reader=st.sampled_from(Language),
    customer=st.sampled_from(Language),
    seen=st.lists(evidence, max_size=5),
    reason=texts,
)
def test_a_draft_is_the_same_whatever_was_seen(intent, reader, customer, seen, reason):
    alert = replace(alert_of(intent), customer=CUSTOMERS[customer])
    hostile = replace(alert, evidence=tuple(seen), reason=reason, event_id=reason, occurred_at=MORNING + 7)

    assert told(alert, reader).draft == told(hostile, reader).draft


MARK = "9f3a"
CORE_MADE = (Intent.CHURN, Intent.BUDGET, Intent.UPGRADE, Intent.SUPPORT)


OF_CUSTOMERS = [rule_id for rule_id in RULES if rule_id != "ops.tracking-outage"]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("made", [*CORE_MADE, *OF_CUSTOMERS])
def test_no_draft_tells_what_was_seen(made, language):
    """The mark is in each part of the evidence, so that it is in the message, and in no draft."""
    marked = Evidence(
        event_id=MARK, occurred_at=MORNING, category=MARK, url=f"https://{MARK}.example.com/{MARK}", title=MARK
    )
    bought = Evidence(
        event_id=MARK, occurred_at=MORNING, category=MARK, amount=MARK, currency=MARK, plan=MARK, product_id=MARK
    )
    alert = replace(
        found(made) if made in RULES else alert_of(made),
        customer=CUSTOMERS[language],
        reason=MARK,
        evidence=(marked, bought),
        readings=(Weighed(reading=Reading.DOUBT, confidence=0.7, because=(MARK,)),),
        standing=Standing(lifetime_value="1", currency=MARK),
        preceded_by=f"https://www.example.com/{MARK}",
    )
    message = told(alert, language)
    draft = f"{message.draft.subject}\n{message.draft.body}"

    assert 8 <= plain(message).count(MARK)
    assert MARK not in draft
    assert [] == [word for word in TELLTALES[language] if word in draft.replace("review", "").replace("Review", "")]
