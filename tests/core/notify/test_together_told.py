"""What is said when a second person of an account is on the same errand: histories, and what each must come to."""

import pytest

from stream_app.core.events import HOUR
from stream_app.core.notify.cases import Cases
from stream_app.core.notify.desk import Desk
from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind, Sent
from stream_app.core.routes import Sink
from tests.core.notify.account_play import look
from tests.core.notify.histories import alert, at, deed, lines, over, until
from tests.core.notify.machines import fates, rules_of, said, told
from tests.core.notify.naive_cases import World
from tests.core.notify.notify_stories import CRM, HIGH_MUTED, WEBHOOK, Story

BEFORE = [look("p-1", "2026-06-10 09:40"), look("p-2", "2026-06-09 17:00", read="2026-06-10 09:41")]
LOOKS = [look("p-1", "2026-06-10 09:40"), look("p-2", "2026-06-10 11:00", category="cancellation")]
TAKEN = deed("a", "acknowledge", "2026-06-10 11:01")

STORIES = [
    Story(
        "what is more severe for others waits as the more severe one does",
        [*BEFORE, alert("a", "budget", "2026-06-10 10:00"), deed("a", "acknowledge", "2026-06-10 10:01")],
        ["06-10 10:00 cs-1 alert a"],
        {"a": "delivered/sent"},
    ),
    Story(
        "what was told is told anew, once: a third person is only added to the names",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            *LOOKS,
            look("p-3", "2026-06-10 12:00", category="export"),
            TAKEN,
        ],
        ["06-10 10:10 cs-1 alert a", "06-10 11:00 cs-1 raise a"],
        {"a": "delivered/sent"},
    ),
    Story(
        "and nobody is told of it at night",
        [alert("a", "budget", "2026-06-10 10:00"), *BEFORE[:1], look("p-2", "2026-06-10 20:00")],
        [
            "06-10 10:10 cs-1 alert a",
            "06-11 09:30 cs-1 raise a",
            "06-11 11:30 cs-1 remind a",
            "06-11 13:30 #customer-success alert a",
        ],
    ),
    Story(
        "who has taken it on is told all the same, that it is more severe",
        [alert("a", "budget", "2026-06-10 10:00"), deed("a", "acknowledge", "2026-06-10 10:20"), *LOOKS],
        ["06-10 10:10 cs-1 alert a", "06-10 11:00 cs-1 raise a"],
    ),
    Story(
        "high stays high: its text alone names them",
        [*BEFORE[:1], alert("a", "churn", "2026-06-10 10:00"), deed("a", "acknowledge", "2026-06-10 10:01"), *LOOKS],
        ["06-10 10:00 cs-1 alert a"],
    ),
    Story(
        "what waits for the digest as low goes in a message of its own",
        [alert("a", "upgrade", "2026-06-10 10:00", severity="low"), *LOOKS],
        ["06-10 11:00 cs-1 alert a"],
        {"a": "delivered/sent"},
    ),
    Story(
        "and so does what a digest told, whose fate it keeps",
        [
            alert("a", "upgrade", "2026-06-09 20:00", severity="low"),
            look("p-1", "2026-06-09 19:00"),
            look("p-2", "2026-06-10 11:00"),
        ],
        ["06-10 09:30 cs-1 digest a", "06-10 11:00 cs-1 alert a"],
        {"a": "digested/low"},
    ),
    Story(
        "what is calm stays so while it is not high",
        [alert("a", "budget", "2026-06-09 20:00", severity="low", digest=True), *BEFORE[:1], LOOKS[1]],
        ["06-10 09:30 cs-1 digest a"],
    ),
    Story(
        "a task is made of what was too low for one",
        [alert("a", "budget", "2026-06-10 10:00", severity="low"), *LOOKS],
        ["06-10 11:00 cs alert a"],
        {"a": "silenced/no_task"},
        CRM,
    ),
    Story(
        "what is posted was posted",
        [*BEFORE, alert("a", "budget", "2026-06-10 10:00"), look("p-3", "2026-06-10 10:30")],
        ["06-10 10:00 webhook alert a"],
        {},
        WEBHOOK,
    ),
    Story(
        "what is over is not raised, nor what is muted",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            over("a", "2026-06-10 10:30", "renewal", intent="budget"),
            *LOOKS,
            alert("b", "upgrade", "2026-06-10 10:00", account="a-2"),
            look("p-4", "2026-06-10 09:00", account="a-2"),
            look("p-5", "2026-06-10 11:30", account="a-2"),
        ],
        ["06-10 10:10 cs-1 alert a", "06-10 10:10 cs-1 alert b"],
        {},
        HIGH_MUTED,
    ),
    Story(
        "one person alone raises nothing, nor do two of different accounts, nor what is further apart",
        [
            alert("a", "budget", "2026-06-10 10:00"),
            look("p-1", "2026-06-10 09:40"),
            look("p-1", "2026-06-10 11:00", category="cancellation"),
            look("p-2", "2026-06-10 11:00", account="a-2"),
            look("p-2", "2026-06-12 10:01"),
        ],
        ["06-10 10:10 cs-1 alert a"],
    ),
    Story(
        "what came to nothing before it was said again is not said again",
        [
            alert("a", "budget", "2026-06-10 10:00", customer="c-1"),
            alert("b", "budget", "2026-06-10 10:00", read="2026-06-10 10:01", customer="c-2", severity="low"),
            *BEFORE[:1],
            look("p-2", "2026-06-10 20:00"),
            over("a", "2026-06-10 21:00", "renewal", intent="budget"),
        ],
        ["06-10 10:11 cs-1 alert a"],
    ),
    Story(
        "churn takes the names over with what it takes over",
        [
            *BEFORE,
            alert("a", "budget", "2026-06-10 10:00"),
            alert("c", "churn", "2026-06-10 10:30"),
            deed("a", "acknowledge", "2026-06-10 10:31"),
        ],
        ["06-10 10:00 cs-1 alert a", "06-10 10:30 cs-1 raise a"],
        {"c": "delivered/took_over"},
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_it_is_told_as_the_decision_says(story):
    history = sorted(story.history, key=lambda one: one[0])
    done = told(history, story.world, until(history))

    assert sorted(story.said) == lines(said(done))
    assert story.fates == {name: f"{fate}/{why}" for name, _, fate, why in fates(done) if name in story.fates}


def test_every_text_of_the_message_names_all_that_are_known_by_then():
    """The message itself first without, then as it is raised, then with the third person."""
    history = [alert("a", "budget", "2026-06-10 10:00"), *LOOKS, look("p-3", "2026-06-10 12:00", category="export")]
    done = told(history, Story("", [], []).world, at("2026-06-10 12:30"))
    named = [
        (str(parcel.kind), str(message.lead.severity), [each.name for each in message.company])
        for _, parcel in done.parcels
        if parcel.target.sink is Sink.SLACK and parcel.kind in (Kind.ALERT, Kind.RAISE, Kind.UPDATE)
        for message in parcel.messages
    ]

    assert [
        ("alert", "medium", []),
        ("raise", "high", ["P-1", "P-2"]),
        ("update", "high", ["P-1", "P-2"]),
        ("update", "high", ["P-1", "P-2", "P-3"]),
    ] == named


def test_all_are_named_whose_looks_belong_to_any_alert_of_the_message():
    """Each alert has a span of its own, and what is said of one does not forget the other's people."""
    early = [look("p-1", "2026-06-07 10:00"), look("p-2", "2026-06-07 11:00")]
    later = [look("p-3", "2026-06-11 10:00"), look("p-4", "2026-06-11 11:00")]
    history = [
        alert("a", "budget", "2026-06-08 10:00", customer="c-1"),
        *((at("2026-06-08 11:00"), view) for _, view in early),
        alert("b", "budget", "2026-06-10 11:30", customer="c-2"),
        *later,
    ]
    done = told(history, World(), at("2026-06-11 12:00"))

    *_, last = (parcel for _, parcel in done.parcels if parcel.target.address == "cs-1@example.co.jp")
    assert [["P-1", "P-2", "P-3", "P-4"]] == [[each.name for each in message.company] for message in last.messages]


def test_what_is_more_severe_before_its_message_has_arrived_is_told_once_more():
    """The message that was on its way said what it was until then."""
    rules, ten = rules_of(World()), at("2026-06-10 10:00")
    cases, desks = Cases(rules), {}

    def hear(read, said):
        for target, order in said.orders:
            desks.setdefault(target, Desk(target, rules)).take(order, read)

    (read, one), *views = [alert("a", "budget", "2026-06-10 10:00"), *LOOKS]
    hear(read, cases.alert(one, read))
    desk = next(desk for target, desk in desks.items() if target.sink is Sink.SLACK)
    parcel = desk.next(ten + HOUR)
    for seen, view in views:
        hear(seen, cases.viewed(view, seen))
    desk.settle(parcel, Sent(place=Place(channel="#cs", id="1")), ten + HOUR)

    assert Kind.RAISE is desk.next(ten + HOUR).kind


def test_an_alert_that_is_read_again_after_a_crash_may_be_more_severe_by_then():
    """It was said before anything of it was kept, and the looks are read first this time."""
    (read, one), *looks = [alert("a", "budget", "2026-06-10 10:00"), *LOOKS]
    rules = rules_of(World())
    first, again, desks = Cases(rules), Cases(rules), {}
    said = [first.alert(one, read), *(again.viewed(view, read) for _, view in looks), again.alert(one, read)]
    for target, order in [order for each in said for order in each.orders]:
        desks.setdefault(target, Desk(target, rules)).take(order, read)

    assert [("high", ["P-1", "P-2"], 1)] == [
        (str(message.lead.severity), [each.name for each in message.company], len(message.alerts))
        for desk in desks.values()
        for message in desk.messages()
    ]
