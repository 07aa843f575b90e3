"""What one partition does with its events and its time, in the plainest way."""

from heapq import heappop, heappush

from stream_app.core.events import MINUTE, NEVER, Due
from stream_app.core.pipeline import process
from stream_app.core.site import Site, hour_over, next_hour, saw
from stream_app.core.state import UNKNOWN_CUSTOMER


class Partition:
    """Judges events as they come; `alerts`, `held` and `over` hold what was said."""

    def __init__(self, rules):
        self.rules, self.site, self.states = rules, Site(), {}
        self.alerts, self.held, self.over = [], [], []
        self._due, self._newest = [], NEVER

    def judge(self, event):
        """Let time pass until the event, then judge it."""
        self._newest = max(self._newest, event.occurred_at)
        self.pass_to(self._newest - self.rules.policy.lateness)
        before = self.states.get(event.customer_id, UNKNOWN_CUSTOMER)
        after = self._judged(event, before)
        first = after.active is not before.active
        self.site = saw(self.site, event.occurred_at, new=int(first), rules=self.rules)

    def pass_to(self, now):
        """Judge all that is due by now, in order; the site before customers."""
        now = now // MINUTE * MINUTE
        while True:
            hour = next_hour(self.site)
            customers = self._due[0][0] if self._due else now + 1
            if NEVER < hour <= min(now, customers):
                judged = hour_over(self.site, hour, self.rules)
                self.site = judged.site
                self.alerts += judged.alerts
                self.over += judged.resolutions
            elif customers <= now:
                at, customer_id = heappop(self._due)
                if (state := self.states[customer_id]).due == at:
                    self._judged(Due(customer_id=customer_id, occurred_at=at, lost=self.site.lost), state)
            else:
                return

    def _judged(self, event, before):
        outcome = process(event, before, self.rules)
        assert outcome.errors == ()
        self.states[event.customer_id] = outcome.state
        if outcome.state.due != before.due:
            heappush(self._due, (outcome.state.due, event.customer_id))
        self.alerts += outcome.alerts
        self.held += outcome.suppressed
        self.over += outcome.resolutions
        return outcome.state
