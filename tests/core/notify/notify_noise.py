"""What is not said, or said with others: budget, digest, bundle, threads, deeds, mutes."""

from tests.core.notify.histories import alert, contacted, deed, solved
from tests.core.notify.notify_stories import CHURN_MUTED, CRM, WEBHOOK, Story, acknowledged, highs, mediums

NOISE = [
    Story(
        "five accounts a day, then the digest",
        mediums(6),
        [*(f"06-10 10:1{n} cs-1 alert m{n}" for n in range(5)), "06-11 09:30 cs-1 digest m5"],
        {"m4": "delivered/sent", "m5": "digested/budget"},
    ),
    Story(
        "an account that was pushed today is free, and so is what is high",
        [
            *mediums(5),
            alert("x", "upgrade", "2026-06-10 11:00", account="a-0"),
            *acknowledged([alert("y", "churn", "2026-06-10 12:00", account="a-9")], "2026-06-10 12:01"),
        ],
        [
            *(f"06-10 10:1{n} cs-1 alert m{n}" for n in range(5)),
            "06-10 11:10 cs-1 alert x",
            "06-10 12:00 cs-1 alert y",
        ],
    ),
    Story(
        "one digest a business day at its opening, none that is empty",
        [
            alert("a", "support", "2026-06-11 20:00"),  # Thursday night
            alert("b", "support", "2026-06-12 09:29", account="a-2"),
            alert("c", "support", "2026-06-12 09:30", account="a-3"),
            alert("d", "support", "2026-06-12 17:00", account="a-4"),
        ],
        ["06-12 09:30 cs-1 digest b a", "06-15 09:30 cs-1 digest d c"],
        {"a": "digested/low", "d": "digested/low"},
    ),
    Story(
        "a route's digest flag wins over high",
        [*acknowledged([alert("a", "churn", "2026-06-10 10:00", tier="tech")], "2026-06-11 10:00")],
        ["06-11 09:30 #customer-success digest a", "06-11 10:00 #customer-success add a"],
        {"a": "digested/route_digest"},
    ),
    Story(
        "a more severe alert takes a message out of the digest",
        [
            alert("a", "support", "2026-06-10 10:50"),
            alert("b", "support", "2026-06-10 11:00", severity="medium"),
        ],
        ["06-10 11:10 cs-1 alert a"],
    ),
    Story(
        "five at once are five messages, in order of newness",
        acknowledged(highs(5), "2026-06-10 09:40"),
        [f"06-10 09:30 cs-1 alert h{n}" for n in range(5)],
    ),
    Story(
        "six at once are a bundle",
        acknowledged(highs(6), "2026-06-10 09:40"),
        ["06-10 09:30 cs-1 bundle h5 h4 h3 h2 h1 h0", *(f"06-10 09:40 cs-1 add h{n}" for n in range(6))],
        {"h0": "delivered/bundled", "h5": "delivered/bundled"},
    ),
    Story(
        "churn takes over an open message with one new notification",
        [
            *acknowledged([alert("a", "budget", "2026-06-10 10:00")], "2026-06-10 10:30"),
            alert("b", "churn", "2026-06-10 11:00"),
            deed("a", "acknowledge", "2026-06-10 11:10"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-10 11:00 cs-1 raise a"],
        {"b": "delivered/took_over"},
    ),
    Story(
        "churn before anybody was told speaks for what waits",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            *acknowledged([alert("b", "churn", "2026-06-10 10:05")], "2026-06-10 10:05"),
            deed("a", "acknowledge", "2026-06-10 10:06"),
        ],
        ["06-10 10:05 cs-1 alert a"],
        {"a": "superseded/churn", "b": "delivered/sent"},
    ),
    Story(
        "an open message is not reminded of when churn that replaces another takes that over and speaks for both",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            alert("b", "upgrade", "2026-06-10 11:00", severity="high"),
            alert("c", "churn", "2026-06-10 12:00", supersedes="a"),
            deed("a", "acknowledge", "2026-06-10 12:02"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-10 11:00 cs-1 alert b", "06-10 12:00 cs-1 raise a"],
        {"b": "delivered/sent", "c": "delivered/took_over"},
    ),
    Story(
        "of two open messages churn takes over the one that was told of last; the other falls silent",
        [
            alert("a", "budget", "2026-06-10 17:55"),
            alert("b", "upgrade", "2026-06-10 17:56"),
            alert("c", "churn", "2026-06-10 18:01"),
            deed("b", "acknowledge", "2026-06-11 09:40"),
        ],
        ["06-11 09:30 cs-1 alert b"],
        {"a": "superseded/churn"},
    ),
    Story(
        "more evidence goes into the thread while nobody has taken it on, in hours",
        [alert("a", "budget", "2026-06-10 10:00"), alert("b", "budget", "2026-06-10 19:00", customer="c-2")],
        ["06-10 10:10 cs-1 alert a", "06-11 09:30 cs-1 add a"],
        {"a": "delivered/sent", "b": "merged/joined"},
    ),
    Story(
        "after an acknowledgement more evidence is silent, but for what is more severe",
        [
            *acknowledged([alert("a", "budget", "2026-06-10 10:00")], "2026-06-10 10:30"),
            alert("b", "budget", "2026-06-10 11:00", customer="c-2"),
            alert("c", "budget", "2026-06-10 12:00", severity="high", customer="c-3"),
            deed("a", "useful", "2026-06-10 12:10"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-10 12:00 cs-1 raise a"],
        {"b": "merged/joined", "c": "delivered/raised"},
    ),
    Story(
        "after contact more evidence is silent",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            contacted("2026-06-10 10:30"),
            alert("b", "budget", "2026-06-10 11:00", customer="c-2"),
        ],
        ["06-10 10:10 cs-1 alert a"],
        {"b": "merged/joined"},
    ),
    Story(
        "low alerts that join are shown, not said",
        [alert("a", "budget", "2026-06-10 10:00"), alert("b", "budget", "2026-06-10 11:00", severity="low")],
        ["06-10 10:10 cs-1 alert a"],
        {"b": "merged/joined"},
    ),
    Story(
        "snoozed: nothing until the next opening, then once more",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            deed("a", "snooze", "2026-06-10 10:30"),
            alert("b", "budget", "2026-06-10 11:00", customer="c-2"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-11 09:30 cs-1 remind a"],
        {"b": "merged/joined"},
    ),
    Story(
        "snoozed, then taken on: nothing more",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            deed("a", "snooze", "2026-06-10 10:30"),
            deed("a", "acknowledge", "2026-06-10 10:40"),
        ],
        ["06-10 10:10 cs-1 alert a"],
    ),
    *(
        Story(
            f"{action} stops reminder and escalation",
            [alert("a", "churn", "2026-06-10 10:00"), deed("a", action, "2026-06-10 11:00")],
            ["06-10 10:00 cs-1 alert a"],
        )
        for action in ("acknowledge", "useful", "not_useful", "reply")
    ),
    Story(
        "too early stops neither reminder nor escalation, and owns nothing",
        [alert("a", "churn", "2026-06-10 10:00"), deed("a", "too_early", "2026-06-10 11:00")],
        ["06-10 10:00 cs-1 alert a", "06-10 12:00 cs-1 remind a", "06-10 14:00 #customer-success alert a"],
    ),
    Story(
        "contact between reminder and target stops the escalation",
        [alert("a", "churn", "2026-06-10 10:00"), contacted("2026-06-10 13:00")],
        ["06-10 10:00 cs-1 alert a", "06-10 12:00 cs-1 remind a"],
    ),
    Story(
        "contact before it was told stops nothing",
        [alert("a", "churn", "2026-06-09 19:00"), contacted("2026-06-10 09:00")],
        ["06-10 09:30 cs-1 alert a", "06-10 11:30 cs-1 remind a", "06-10 13:30 #customer-success alert a"],
    ),
    Story(
        "where the second target is the first, the escalation is loud in the thread",
        [alert("a", "churn", "2026-06-10 10:00", tier="low")],
        [
            f"06-10 1{hour}:00 #customer-success {kind} a"
            for hour, kind in ((0, "alert"), (2, "remind"), (4, "escalate"))
        ],
    ),
    Story(
        "muted by the settings until their time",
        [
            alert("a", "churn", "2026-06-10 11:59"),
            *acknowledged([alert("b", "churn", "2026-06-10 12:00", account="a-2")], "2026-06-10 12:10"),
        ],
        ["06-10 12:00 cs-1 alert b"],
        {"a": "silenced/mute"},
        CHURN_MUTED,
    ),
    Story(
        "solved before anybody was told",
        [alert("a", "support", "2026-06-10 10:00"), solved("2026-06-10 11:00")],
        [],
        {"a": "resolved/solved"},
    ),
    Story(
        "an id that is known is a repeat",
        [alert("a", "budget", "2026-06-10 10:00"), alert("a", "budget", "2026-06-10 10:00", read="2026-06-10 11:00")],
        ["06-10 10:10 cs-1 alert a"],
        {"a": "delivered/sent"},
    ),
    Story(
        "a week after the last alert a new one is a new message",
        [alert("a", "budget", "2026-06-10 10:00"), alert("b", "budget", "2026-06-17 10:00")],
        ["06-10 10:10 cs-1 alert a", "06-17 10:10 cs-1 alert b"],
    ),
    Story(
        "a low alert makes no task, a medium one does and is joined",
        [
            alert("a", "support", "2026-06-10 10:00"),
            alert("b", "budget", "2026-06-10 10:00", account="a-2"),
            alert("c", "budget", "2026-06-10 11:00", account="a-2", customer="c-2"),
        ],
        ["06-10 10:10 cs alert b"],
        {"a": "silenced/no_task", "b": "delivered/sent", "c": "merged/joined"},
        CRM,
    ),
    Story(
        "a webhook is posted each alert, at opening, low ones too",
        [
            alert("a", "budget", "2026-06-09 20:00"),
            alert("b", "budget", "2026-06-09 20:01"),
            alert("c", "support", "2026-06-10 10:00"),
        ],
        [f"06-10 {when} webhook alert {name}" for when, name in (("09:30", "a"), ("09:30", "b"), ("10:00", "c"))],
        {"a": "delivered/sent", "b": "delivered/sent", "c": "delivered/sent"},
        WEBHOOK,
    ),
]
