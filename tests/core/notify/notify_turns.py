"""What is replaced, over, calm or told to the second target: histories, and what must be said of each."""

from tests.core.notify.histories import alert, at, deed, over, worth
from tests.core.notify.notify_stories import CRM, HIGH_MUTED, WEBHOOK, Story, acknowledged

LATELY = worth("", contacted_at=at("2026-06-08 12:00"))

TURNS = [
    Story(
        "what was not told yet is not told any more when another says what is thought now",
        [
            alert("a", "budget", "2026-06-10 20:00"),
            alert("b", "upgrade", "2026-06-10 21:00", supersedes="a"),
        ],
        ["06-11 09:30 cs-1 alert a"],
        {"a": "superseded/replaced", "b": "delivered/sent"},
    ),
    Story(
        "what was told is answered in its thread, and churn is loud there",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            alert("b", "upgrade", "2026-06-10 11:00", supersedes="a"),
            *acknowledged([alert("c", "churn", "2026-06-10 12:00", supersedes="b")], "2026-06-10 12:01"),
            deed("a", "acknowledge", "2026-06-10 12:02"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-10 11:00 cs-1 add a", "06-10 12:00 cs-1 raise a"],
        {"a": "delivered/sent", "b": "merged/joined", "c": "delivered/took_over"},
    ),
    Story(
        "what is replaced is known before it comes, and so is what is over",
        [
            alert("b", "upgrade", "2026-06-10 10:00", supersedes="a"),
            alert("a", "budget", "2026-06-10 09:40", read="2026-06-10 10:20"),
            over("c", "2026-06-10 10:30", "returned", account="a-2"),
            alert("c", "churn", "2026-06-10 10:00", read="2026-06-10 10:40", account="a-2"),
        ],
        ["06-10 10:10 cs-1 alert b"],
        {"a": "superseded/replaced", "c": "resolved/returned"},
    ),
    Story(
        "what replaces an alert that never comes is told all the same",
        [alert("b", "upgrade", "2026-06-10 10:00", supersedes="a")],
        ["06-10 10:10 cs-1 alert b"],
        {"b": "delivered/sent"},
    ),
    Story(
        "what is over before anybody was told is told to nobody, and what comes later is a case of its own",
        [
            alert("a", "budget", "2026-06-10 20:00"),
            over("a", "2026-06-10 21:00", "renewal"),
            alert("b", "budget", "2026-06-11 10:00"),
        ],
        ["06-11 10:10 cs-1 alert b"],
        {"a": "resolved/renewal", "b": "delivered/sent"},
    ),
    Story(
        "what is over after it was told is neither reminded of nor escalated, and joined by nothing",
        [
            alert("a", "churn", "2026-06-10 10:00"),
            over("a", "2026-06-10 11:00", "returned"),
            alert("b", "churn", "2026-06-10 14:30", severity="medium"),
        ],
        ["06-10 10:00 cs-1 alert a", "06-10 14:40 cs-1 alert b"],
    ),
    Story(
        "what else the case holds goes on",
        [
            *acknowledged([alert("a", "churn", "2026-06-10 10:00", customer="c-1")], "2026-06-10 10:01"),
            alert("b", "churn", "2026-06-10 11:00", customer="c-2", severity="medium"),
            over("a", "2026-06-10 12:00"),
            alert("c", "churn", "2026-06-10 13:00", customer="c-3", severity="medium"),
        ],
        ["06-10 10:00 cs-1 alert a"],
        {"b": "merged/joined", "c": "merged/joined"},
    ),
    Story(
        "churn that is over before it was said takes nothing over, though calm churn is left",
        [
            alert("a", "upgrade", "2026-06-10 10:00"),
            alert("b", "churn", "2026-06-10 20:00", severity="medium"),
            alert("c", "upgrade", "2026-06-10 20:10", customer="c-2", supersedes="a"),
            alert("d", "churn", "2026-06-10 20:20", customer="c-3", digest=True),
            over("b", "2026-06-10 21:00", "returned"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-11 09:30 cs-1 add a"],
        {"b": "resolved/returned", "c": "merged/joined", "d": "merged/joined"},
    ),
    Story(
        "nor does the end of another alert make it take over later",
        [
            alert("a", "upgrade", "2026-06-10 10:00"),
            alert("b", "churn", "2026-06-10 20:00", severity="medium"),
            alert("c", "churn", "2026-06-10 20:10", customer="c-2", digest=True),
            over("b", "2026-06-10 21:00", "returned"),
            alert("d", "churn", "2026-06-10 21:10", customer="c-3", severity="medium"),
            alert("e", "churn", "2026-06-10 21:20", customer="c-4", severity="medium"),
            over("e", "2026-06-10 22:00", "returned"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-11 09:30 cs-1 add a"],
        {"c": "merged/joined", "d": "merged/joined", "e": "resolved/returned"},
    ),
    Story(
        "an alert of the digest waits for it whatever its severity, the most valuable first",
        [
            alert("a", "churn", "2026-06-10 10:00", digest=True, standing=worth("900"), account="a-1"),
            alert("b", "churn", "2026-06-10 10:01", digest=True, standing=worth("10000"), account="a-2"),
            alert("c", "churn", "2026-06-10 10:02", digest=True, standing=worth("99999", "USD"), account="a-3"),
            alert("d", "churn", "2026-06-10 10:03", digest=True, account="a-4", tier="low"),
            alert("e", "churn", "2026-06-10 10:04", digest=True, account="a-5"),
        ],
        ["06-11 09:30 #customer-success digest d", "06-11 09:30 cs-1 digest b a e c"],
        {"a": "digested/rule"},
    ),
    Story(
        "what joins a digested message and is over before it was said is no reason to say the rest again",
        [
            alert("a", "budget", "2026-06-09 20:00", tier="tech"),
            alert("b", "budget", "2026-06-10 10:00", tier="tech"),
            over("b", "2026-06-10 17:00", "returned"),
            alert("c", "support", "2026-06-09 20:00", tier="low", account="a-2"),
            alert("d", "support", "2026-06-10 20:00", tier="low", account="a-2", severity="medium"),
            over("d", "2026-06-10 21:00", account="a-2"),
        ],
        ["06-10 09:30 #customer-success digest a c"],
        {"a": "digested/route_digest", "b": "resolved/returned", "c": "digested/low", "d": "resolved/solved"},
    ),
    Story(
        "and what comes later waits as the first of the message, for as long as a first one does",
        [
            alert("a", "support", "2026-06-09 20:00"),
            alert("b", "support", "2026-06-10 10:00"),
            over("b", "2026-06-10 10:05"),
            alert("c", "support", "2026-06-11 11:00"),
            alert("d", "support", "2026-06-12 10:00", severity="medium"),
        ],
        ["06-10 09:30 cs-1 digest a", "06-12 09:30 cs-1 digest a", "06-12 10:10 cs-1 alert a"],
        {"b": "resolved/solved", "c": "digested/low", "d": "delivered/sent"},
    ),
    Story(
        "who took on a digested message is remembered, though what joined it is muted",
        [
            alert("a", "budget", "2026-06-08 20:00", digest=True),
            deed("a", "acknowledge", "2026-06-09 10:00"),
            alert("b", "budget", "2026-06-09 11:00", severity="high"),
            alert("c", "budget", "2026-06-10 13:00"),
            alert("d", "budget", "2026-06-10 14:00", customer="c-2"),
        ],
        ["06-09 09:30 cs-1 digest a", "06-09 10:00 cs-1 add a", "06-10 13:10 cs-1 alert a"],
        {"b": "silenced/mute", "c": "delivered/sent", "d": "merged/joined"},
        HIGH_MUTED,
    ),
    Story(
        "so does what happened soon after the contact and is read when it counts no more",
        [
            alert("a", "churn", "2026-06-09 10:00", standing=LATELY),
            deed("a", "acknowledge", "2026-06-09 10:01"),
            alert("b", "upgrade", "2026-06-15 11:00", read="2026-06-16 10:00"),
        ],
        ["06-09 10:00 cs-1 alert a", "06-17 09:30 cs-1 digest b"],
        {"b": "digested/contacted"},
    ),
    Story(
        "medium waits for the digest after a contact with anybody of the account, high does not",
        [
            alert("a", "support", "2026-06-10 09:00", standing=LATELY),
            alert("b", "budget", "2026-06-10 10:00", customer="c-2"),
            alert("c", "churn", "2026-06-10 11:00"),
            deed("b", "acknowledge", "2026-06-10 11:01"),
            alert("d", "upgrade", "2026-06-15 12:00"),  # a week after the contact
        ],
        ["06-10 09:30 cs-1 digest a", "06-10 11:00 cs-1 alert b", "06-15 12:10 cs-1 alert d"],
        {"b": "superseded/churn", "c": "delivered/sent"},
    ),
    Story(
        "a contact is the reason why",
        [alert("b", "budget", "2026-06-10 10:00", standing=LATELY)],
        ["06-11 09:30 cs-1 digest b"],
        {"b": "digested/contacted"},
    ),
    Story(
        "the second target hears at once, and has one clock; what comes later it does not hear",
        [
            alert("a", "support", "2026-06-10 10:00", severity="high", second=True),
            alert("b", "support", "2026-06-10 15:00", severity="medium"),
        ],
        [
            "06-10 10:00 cs-1 alert a",
            "06-10 10:00 #customer-success alert a",
            "06-10 12:00 cs-1 remind a",
            "06-10 12:00 #customer-success remind a",
            "06-10 14:00 #customer-success escalate a",
            "06-10 15:00 cs-1 add a",
        ],
        {"a": "delivered/sent", "b": "merged/joined"},
    ),
    Story(
        "what is of the site goes to the fallback, each a case of its own, until it is over",
        [
            alert("x", "ops", "2026-06-10 10:00"),
            alert("y", "ops", "2026-06-10 10:30"),
            over("x", "2026-06-10 10:40", "returned", intent="ops"),
            over("y", "2026-06-10 10:41", "returned", intent="ops"),
        ],
        ["06-10 10:00 #customer-success alert x", "06-10 10:30 #customer-success alert y"],
    ),
    Story(
        "a CRM has no task for what waits for the digest",
        [alert("a", "churn", "2026-06-10 10:00", digest=True)],
        [],
        {"a": "silenced/no_task"},
        CRM,
    ),
    Story(
        "a webhook has no digest, and is not told what was replaced overnight",
        [
            alert("a", "budget", "2026-06-10 20:00", digest=True),
            alert("b", "upgrade", "2026-06-10 21:00", supersedes="a", digest=True),
        ],
        ["06-11 09:30 webhook alert b"],
        {"a": "superseded/replaced", "b": "delivered/sent"},
        WEBHOOK,
    ),
]
