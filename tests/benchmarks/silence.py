"""Silence against one's own cadence beside silence of a fixed number of days, on the orders of a real shop."""

import platform
import random
import sys
from collections import defaultdict
from datetime import date
from math import sqrt
from statistics import median

from stream_app.core.course import course
from stream_app.core.events import EPOCH
from tests.retail import RETAIL, day_of, orders, retail_rules

BASELINE = 90  # days
AS_EARLY = 30  # days: a baseline that speaks about as early as the rule
FOLLOWED = 90  # days in which one who is gone does not come back
END = "2011-07-01"
SEED = 5
RESAMPLES = 1_000


def histories():
    """Return each customer's orders, by time."""
    found = defaultdict(list)
    for order in orders():
        found[order.customer_id].append(order)
    return found


def by_cadence(history, rules, until):
    """Return (last active day, day of the alert) of each silence that the rule finds."""
    alerts = [alert for outcome in course(history, rules, until) for alert in outcome.alerts]
    epoch = EPOCH.toordinal()
    return [
        (date.fromisoformat(alert.event_id).toordinal() - epoch, rules.days.number(alert.occurred_at))
        for alert in alerts
    ]


def by_fixed(active, end, fixed):
    """Return the same of each silence of more than so many days."""
    ends = [*active[1:], end]
    return [(day, day + fixed + 2) for day, after in zip(active, ends, strict=True) if day + fixed + 2 <= after]


def wilson(hits, count):
    """Return the 95 % interval of a share."""
    z = 1.96
    share, margin = hits / count, z * sqrt(hits * (count - hits) / count + z * z / 4) / count
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    return (middle - margin) / scale, (middle + margin) / scale


def bootstrap(values):
    """Return the 95 % interval of the median."""
    chance = random.Random(SEED)
    found = sorted(median(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return found[RESAMPLES // 40], found[-RESAMPLES // 40]


def share(hits, count):
    """Return a share with its interval as text."""
    low, high = wilson(hits, count)
    return f"{hits / count:.0%} [{low:.0%}, {high:.0%}] of {count}"


def told(name, alerts, days, end):
    """Print one row: `alerts` are (customer, last active day, day of the alert)."""
    followed = [(c, at) for c, _, at in alerts if at + FOLLOWED <= end]
    gone = sum(not any(at <= day < at + FOLLOWED for day in days[c]) for c, at in followed)
    stayed = sum(days[c][-1] < at for c, _, at in alerts)
    lost = {c for c, active in days.items() if active[-1] + BASELINE + 1 < end}
    early = {c for c, last, _ in alerts if c in lost and last == days[c][-1]}
    customers = len({c for c, _, _ in alerts})
    hits = share(gone, len(followed)), share(stayed, len(alerts)), share(len(early), len(lost))
    print("|", " | ".join(map(str, (name, len(alerts), customers, *hits))), "|")


def main():
    """Print the table."""
    if not RETAIL.exists():
        sys.exit(f"no {RETAIL}: set STREAM_APP_DATA to the folder of {RETAIL.name}")
    rules, known = retail_rules(), histories()
    until = day_of(END)[0]
    end = rules.days.number(until)
    days = {c: sorted({rules.days.number(each.occurred_at) for each in history}) for c, history in known.items()}
    own = [(c, *one) for c, history in known.items() for one in by_cadence(history, rules, until)]
    fixed, as_early = (
        [(c, *one) for c, active in days.items() for one in by_fixed(active, end, limit)]
        for limit in (BASELINE, AS_EARLY)
    )
    count = sum(map(len, known.values()))
    print(f"{RETAIL.name}: {len(known)} customers, {count} orders; Python {platform.python_version()}, seed {SEED}")
    columns = "alert", "alerts", "customers", "not back in 90 days", "not back to the end", "of those gone at the end"
    print("|", " | ".join(columns), "|")
    print("|", " | ".join("---" for _ in columns), "|")
    told("own cadence", own, days, end)
    told(f"more than {BASELINE} days", fixed, days, end)
    told(f"more than {AS_EARLY} days", as_early, days, end)
    first = {(c, last): at for c, last, at in own}
    lead = [at - first[c, last] for c, last, at in fixed if (c, last) in first]
    low, high = bootstrap(lead)
    print(f"Lead over more than {BASELINE} days: median {median(lead):g} [{low:g}, {high:g}] days, n = {len(lead)}")
    print(f"Mean {sum(lead) / len(lead):.1f} days; earlier in {sum(each > 0 for each in lead)} of them")


if __name__ == "__main__":
    main()
