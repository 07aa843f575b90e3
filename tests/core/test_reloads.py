"""A view that comes again, after its id was forgotten, is still no second look."""

from stream_app.core.events import HOUR, MINUTE, PageView
from stream_app.core.pipeline import Verdict, process
from stream_app.core.rule_set import RuleSet
from stream_app.core.state import IDS_KEPT, UNKNOWN_CUSTOMER


def _view(number: int, at: int, url: str = "https://www.example.com/about") -> PageView:
    return PageView(event_id=f"e{number}", customer_id="c", occurred_at=at, url=url)


def test_an_exact_repeat_matches_nothing():
    """It looks like the view that was counted, yet it is not that one."""
    rules, state, help_page = RuleSet(), UNKNOWN_CUSTOMER, "https://www.example.com/help/import"
    views = [_view(n, n * 2 * MINUTE, help_page) for n in range(3)]
    others = [_view(n, 3 * HOUR) for n in range(100, 100 + IDS_KEPT)]
    for event in (*views, *others):
        outcome = process(event, state, rules)
        state = outcome.state
    assert Verdict.USED is outcome.verdict

    again = process(views[2], state, rules)

    assert (Verdict.USED, (), ()) == (again.verdict, again.alerts, again.suppressed)
