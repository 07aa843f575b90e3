"""What is said when: hours, holidays, quiet, age."""

from tests.core.notify.histories import alert, held_back
from tests.core.notify.notify_stories import BOTH_AT_NIGHT, DEPUTY, NEW_YORK, PASSING, YEAR_END, Story, acknowledged

TIMING = [
    Story(
        "a high alert of the evening before a three-day weekend is told, reminded and escalated on Tuesday",
        [alert("a", "churn", "2026-07-17 18:30")],
        ["07-21 09:30 cs-1 alert a", "07-21 11:30 cs-1 remind a", "07-21 13:30 #customer-success alert a"],
        {"a": "delivered/sent"},
    ),
    Story(
        "a substitute holiday is none to tell somebody on",
        [alert("a", "budget", "2026-05-01 19:00")],
        ["05-07 09:30 cs-1 alert a"],
    ),
    Story(
        "over the year's end the company is closed",
        [alert("a", "budget", "2026-12-28 18:10")],
        ["01-04 09:30 cs-1 alert a"],
        world=YEAR_END,
    ),
    Story(
        "what the route lets pass is told at night; its reminder and escalation wait for business minutes",
        [alert("a", "churn", "2026-07-17 18:30")],
        ["07-17 18:30 cs-1 alert a", "07-21 11:30 cs-1 remind a", "07-21 13:30 #customer-success alert a"],
        world=PASSING,
    ),
    Story(
        "business minutes are those of the reader, over the switch to summer time; the second target sleeps until nine",
        [alert("a", "churn", "2026-03-07 07:30")],  # Friday 17:30 in New York; Monday's 11:00 there is 24:00 here
        ["03-07 07:30 cs-1 alert a", "03-10 00:00 cs-1 remind a", "03-10 09:30 #customer-success alert a"],
        world=NEW_YORK,
    ),
    Story(
        "a reminder that is due at the close waits for the morning",
        [alert("a", "churn", "2026-06-10 16:00")],
        ["06-10 16:00 cs-1 alert a", "06-11 09:30 cs-1 remind a", "06-11 11:30 #customer-success alert a"],
    ),
    Story(
        "medium waits until the account has been quiet for ten minutes",
        [alert("a", "budget", "2026-06-10 10:00"), held_back("b", "budget", "2026-06-10 10:05")],
        ["06-10 10:15 cs-1 alert a"],
    ),
    Story(
        "at most thirty minutes",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            *(held_back(f"b{minute}", "budget", f"2026-06-10 10:{minute}") for minute in ("08", "16", "24")),
        ],
        ["06-10 10:30 cs-1 alert a"],
    ),
    Story(
        "another matter of the account is no quiet either",
        [alert("a", "budget", "2026-06-10 10:00"), alert("b", "upgrade", "2026-06-10 10:05")],
        ["06-10 10:15 cs-1 alert a", "06-10 10:15 cs-1 alert b"],
    ),
    Story(
        "two alerts of a visit are one message",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            alert("b", "budget", "2026-06-10 10:05", customer="c-2"),
        ],
        ["06-10 10:15 cs-1 alert a"],
    ),
    Story(
        "quiet comes after the close: it waits for the morning",
        [alert("a", "budget", "2026-06-10 17:55")],
        ["06-11 09:30 cs-1 alert a"],
    ),
    Story(
        "what was read too late is told to nobody",
        [
            alert("a", "budget", "2026-06-05 10:00", read="2026-06-10 10:00"),
            alert("b", "churn", "2026-06-04 10:00", read="2026-06-10 10:00", account="a-2"),
            alert("c", "support", "2026-06-08 10:00", read="2026-06-10 10:00", account="a-3"),
        ],
        [],
        {"a": "expired/too_old", "b": "expired/too_old", "c": "expired/too_old"},
    ),
    Story(
        "the last business day counts to its close",
        [
            alert("a", "budget", "2026-06-08 10:00", read="2026-06-10 17:40"),
            alert("b", "churn", "2026-06-05 10:00", read="2026-06-10 17:59", account="a-2"),
        ],
        [
            "06-10 17:50 cs-1 alert a",
            "06-10 17:59 cs-1 alert b",
            "06-11 11:29 cs-1 remind b",
            "06-11 13:29 #customer-success alert b",
        ],
    ),
    Story(
        "what gets too old while it waits is not told either",
        [alert("a", "budget", "2026-06-08 10:00", read="2026-06-10 17:59")],
        [],
        {"a": "expired/too_old"},
    ),
    Story(
        "who will be away when it is told has a deputy",
        [alert("a", "budget", "2026-06-09 19:00")],
        ["06-10 09:30 cs-2 alert a"],
        world=DEPUTY,
    ),
    Story(
        "also where another route tells somebody at once",
        acknowledged([alert("a", "churn", "2026-06-09 19:00")], "2026-06-09 19:30"),
        ["06-09 19:00 #all alert a", "06-10 09:30 cs-2 alert a"],
        world=BOTH_AT_NIGHT,
    ),
    Story(
        "who will be away when the digest comes has a deputy",
        [alert("a", "support", "2026-06-09 10:00", severity="low")],
        ["06-10 09:30 cs-2 digest a"],
        world=DEPUTY,
    ),
]
