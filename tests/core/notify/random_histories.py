"""Strategies: what may happen in a few days to the accounts of a small team."""

from hypothesis import strategies as st

from stream_app.core.alerts import Intent, ResolvedReason, Standing
from stream_app.core.events import DAY, MINUTE
from stream_app.core.notify.orders import Acted, Action
from tests.core.notify import histories as h

THURSDAY = h.at("2026-06-11 08:00")
MINUTES = st.one_of(  # close together as in a visit, around opening and close, and anywhere
    st.integers(90, 200),
    st.integers(80, 100),
    st.integers(590, 610),
    st.integers(0, 1440),
)
MOMENTS = st.builds(lambda day, minute: THURSDAY + day * DAY + minute * MINUTE, st.integers(0, 4), MINUTES)
AT_WORK = st.builds(
    lambda day, minute: THURSDAY + day * DAY + minute * MINUTE, st.sampled_from([0, 1, 4]), st.integers(91, 599)
)
CUSTOMERS = {  # account → tier and owner
    "a-1": ("high", "cs-1"),
    "a-2": ("high", "cs-1"),
    "a-3": ("high", "cs-2"),
    "a-4": ("low", "cs-1"),
    "a-5": ("low", ""),
    "a-6": ("tech", "cs-2"),
    "a-7": ("", "cs-1"),
    "a-8": ("high", "cs-1"),
}
ACCOUNTS = st.sampled_from([*CUSTOMERS, "a-1"])
ACTIONS = st.sampled_from(list(Action))


def text(moment):
    return f"{h.moment_of(moment).astimezone(h.TOKYO):%Y-%m-%d %H:%M}"


@st.composite
def standings(draw, when):
    contacted = draw(st.sampled_from([None, None, None, 1, 60, 6 * 1440]))
    return Standing(
        lifetime_value=draw(st.sampled_from(["", "100", "-5", "2000.50"])),
        currency=draw(st.sampled_from(["JPY", "JPY", "USD"])),
        contacted_at=None if contacted is None else when - contacted * MINUTE,
    )


@st.composite
def alerts(draw, name, before):
    """Return an alert; `before` are those that it may replace: name → account, of churn, budget and upgrade."""
    when = draw(MOMENTS)
    waited = draw(st.sampled_from([0, 0, 0, 0, 1, 90, 2 * 1440]))
    replaced = draw(st.sampled_from(["", *before]))
    account = before.get(replaced) or draw(ACCOUNTS)
    tier, owner = CUSTOMERS[account]
    intents = (
        ["churn", "budget", "upgrade"] if replaced else ["churn", "budget", "upgrade", "support", "loyalty", "ops"]
    )
    at, alert = h.alert(
        name,
        draw(st.sampled_from(intents)),
        text(when),
        supersedes=replaced,
        digest=draw(st.sampled_from([False, False, False, True])),
        second=draw(st.sampled_from([False, False, False, True])),
        standing=draw(st.none() | standings(when)),
        account=account,
        severity=draw(st.sampled_from(["", "", "high", "medium", "low"])),
        tier=tier,
        owner=owner,
    )
    return at + waited * MINUTE, alert


@st.composite
def others(draw, name, names, told):
    when, account = text(draw(MOMENTS)), draw(ACCOUNTS)
    match draw(st.integers(0, 8)):
        case 6 | 7 | 8:
            about = told[draw(st.sampled_from(names))]
            reason = draw(st.sampled_from(ResolvedReason))
            return h.over(about.alert_id, when, reason, account=about.account_id, intent=about.intent)
        case 0 | 1:
            intent = draw(st.sampled_from(["churn", "budget", "upgrade", "support"]))
            reason = draw(st.sampled_from(["cooldown", "inhibited", "late"]))
            return h.held_back(name, intent, when, reason, account)
        case 2:
            return h.contacted(text(draw(AT_WORK)), f"c-{account}")
        case 3:
            return h.solved(when, f"c-{account}")
        case _:
            at = draw(AT_WORK)
            return at, Acted(case_id=draw(st.sampled_from(names)), action=draw(ACTIONS), by="cs-1", at=at)


@st.composite
def random_histories(draw, most=14):
    """Return a history in order of time, one thing a minute at most: what comes first is no question then."""
    names = [f"n{n}" for n in range(draw(st.integers(1, most)))]
    happenings, told, before = [], {}, {}
    for name in names:
        happenings.append(draw(alerts(name, before)))
        told[name] = alert = happenings[-1][1]
        if alert.intent in (Intent.CHURN, Intent.BUDGET, Intent.UPGRADE):
            before[name] = alert.account_id
    happenings += [draw(others(f"o{n}", names, told)) for n in range(draw(st.integers(0, most)))]
    return sorted({at: (at, one) for at, one in happenings}.values(), key=lambda one: one[0])
