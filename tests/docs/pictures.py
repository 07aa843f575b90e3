"""The pictures of docs/concepts.md; `python -m tests.docs.pictures` draws them anew."""

from pathlib import Path

from tests.docs.drawing import area, arrow, band, box, dot, line, picture, words

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


def path():
    """Return the way of an event."""
    said = (
        "Page views, purchases, customers and interactions are read by detect. Inside it an event is decoded, its page "
        "gets a category, the customer's state is brought up to date, rules are asked, and a policy decides whether a "
        "match may speak. It becomes an alert, or a fate that says why it was held back. Notify reads both: a case "
        "gathers the alerts of a company, a route says who is told, a desk waits for the reader's hours. What is said "
        "goes to Slack, a CRM or a webhook; buttons and replies come back."
    )
    steps = ("decode", "page", "state", "rules", "policy")
    return picture(
        "From a page view to a message",
        said,
        420,
        *(box(20, 70 + 52 * n, 130, 40, name) for n, name in enumerate(("page-views", "purchases", "customers"))),
        box(20, 226, 130, 40, "interactions"),
        words(20, 50, "topics that are read", kind="small"),
        area(190, 30, 500, 130, "detect"),
        *(box(206 + 96 * n, 80, 80, 50, name) for n, name in enumerate(steps)),
        *(arrow((286 + 96 * n, 105), (301 + 96 * n, 105)) for n in range(4)),
        arrow((170, 105), (204, 105)),
        *(line((150, y), (170, y), (170, 105)) for y in (90, 142, 194, 246)),
        arrow((650, 130), (650, 190), (594, 190)),
        arrow((650, 130), (650, 226), (594, 226)),
        box(462, 176, 130, 28, "alert", kind="mark"),
        box(462, 212, 130, 28, "fate", kind="held"),
        words(664, 194, "it may speak", kind="small"),
        words(664, 230, "held back, and why", kind="small"),
        arrow((460, 190), (290, 190), (290, 318)),
        line((460, 226), (290, 226)),
        area(190, 270, 500, 130, "notify"),
        *(
            box(206 + 160 * n, 320, 130, 56, *lines)
            for n, lines in enumerate(
                (("case", "company, matter"), ("route", "who is told"), ("desk", "hours, digest"))
            )
        ),
        arrow((336, 348), (364, 348)),
        arrow((496, 348), (524, 348)),
        box(740, 312, 140, 72, "message", "Slack, CRM,", "webhook", kind="mark"),
        arrow((656, 340), (738, 340)),
        arrow((738, 360), (658, 360)),
        words(810, 404, "buttons, replies come back", kind="small", anchor="middle"),
    )


def customer():
    """Return what becomes of the looks of one customer."""
    said = (
        "A time line of one customer over a month. Looks at help pages on three days change only the state. A look at "
        "prices makes an alert with its readings. A look at the cancellation page makes an alert of churn that takes "
        "the open message over. A second one soon after is held back by the cooldown: a fate. A renewal ends it."
    )
    happened = (
        (90, "help", "state only", ""),
        (230, "prices", "match: alert", "mark"),
        (430, "cancellation", "match: alert", "mark"),
        (600, "cancellation again", "match: held back", "held"),
        (780, "renews", "alert is over", ""),
    )
    return picture(
        "One customer's month",
        said,
        270,
        words(20, 34, "What one customer does, and what it comes to", kind="strong"),
        line((40, 110), (870, 110)),
        *(dot(x, 110, kind or "box") for x, _, _, kind in happened),
        *(words(x, 88, name, anchor="middle") for x, name, _, _ in happened),
        *(words(x, 140, text, kind="small", anchor="middle") for x, _, text, _ in happened),
        box(230, 170, 200, 34, "budget: one message"),
        box(430, 170, 350, 34, "churn takes the message over", kind="mark"),
        words(600, 157, "fate: cooldown", kind="small", anchor="middle"),
        words(
            40, 252, "The state remembers 30 days of looks; one message is open per company and matter.", kind="small"
        ),
    )


def waiting():
    """Return when what was found is told."""
    days = ("Thu", "Fri", "Sat", "Sun", "Mon")
    said = (
        "Five days with business hours on Thursday, Friday and Monday. A high alert found in hours is told at once. "
        "One found on Thursday night is told when Friday opens. A medium one on Friday waits ten quiet minutes. "
        "One found on Saturday waits for Monday's opening. A low one found on Thursday is in Friday's digest. "
        "Without an answer a reminder comes after two business hours and an escalation after four."
    )
    top, step = 70, 170
    found = (
        (100, "high", 104, "at once"),
        (185, "high, at night", 226, "at opening"),
        (250, "medium", 268, "when quiet"),
        (440, "high, Saturday", 736, "Monday's opening"),
        (80, "low", 226, "Friday's digest"),
    )
    rows = range(top + 44, top + 44 + 40 * len(found), 40)
    return picture(
        "Found, and told",
        said,
        340,
        words(20, 30, "Found (yellow) and told (blue): shaded stretches are business hours", kind="strong"),
        *(words(20 + step * n + 80, 60, day, anchor="middle") for n, day in enumerate(days)),
        *(band(56 + step * n, top, 70, 232) for n in (0, 1, 4)),
        *(line((20 + step * n, top - 20), (20 + step * n, top)) for n in range(1, 5)),
        *(
            line((at, y), (told, y)) + dot(at, y, "held") + dot(told, y)
            for y, (at, _, told, _) in zip(rows, found, strict=True)
        ),
        *(
            words(told + 14, y + 5, f"{name}: {when}", kind="small")
            for y, (_, name, told, when) in zip(rows, found, strict=True)
            if told < 700
        ),
        words(found[3][0] + 14, rows[3] - 9, f"{found[3][1]}: {found[3][3]}", kind="small"),
        words(
            20, 328, "No answer to a high one: a reminder after 2 business hours, somebody else after 4.", kind="small"
        ),
    )


PICTURES = {"path.svg": path, "customer.svg": customer, "waiting.svg": waiting}


if __name__ == "__main__":
    for name, drawn in PICTURES.items():
        (FOLDER / name).write_text(drawn(), encoding="utf-8")
