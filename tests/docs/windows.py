"""What each rule looks at and how far back, in a sentence whose numbers are the program's own."""

from stream_app.core import cadence, difficulty, habit, readings, relation, standing
from stream_app.core.events import DAY, HOUR, MINUTE
from stream_app.core.rules import low_stickiness, no_habit, referral_candidate, support
from stream_app.core.state import VIEWS_KEPT_FOR
from stream_app.core.tuning import Loyalty, Waits, Windows

KEPT = f"{VIEWS_KEPT_FOR // DAY} days"
HELP = f"{Windows().help // HOUR} hours"
BOUGHT = f"{Windows().bought // DAY} days"
READINGS = (
    f"One look at prices or more within the last {KEPT}, and all that speaks for a reading in that time: each kind of "
    "page once a day, half as much after each half-life ([readings](readings.md))."
)
CLOSE = "the close of the next business day"

WINDOWS = {
    "churn.cancellation-page": "One look at a page of this kind is enough; nothing before it counts.",
    "upgrade.pricing-after-purchase": f"A look at prices, and a purchase that is no renewal in the {BOUGHT} before it.",
    "budget.pricing-review": f"A look at prices, and no purchase but renewals in the {BOUGHT} before it.",
    "support.repeated-help": f"{support.SAME_PAGE_VIEWS} looks at one help page, or {support.DIFFERENT_PAGES} "
    f"different help pages, within {HELP}.",
    "support.complaint": "One complaint that is not solved yet.",
    "support.complaint-reopened": "A complaint that was on record, and is brought up again.",
    "support.complaint-unanswered": f"From the complaint to {CLOSE}, on the company's clock.",
    "churn.leaving-prepared": f"{READINGS} From {readings.LEAVING_FROM} points for leaving on it is this one.",
    "churn.detractor": f"The last answer, if it was 0 to {relation.PASSIVE - 1}. With the feed `contacts` once more, "
    f"one step more severe, when nobody spoke to them by {CLOSE}.",
    "upgrade.interest": READINGS,
    "budget.review": READINGS,
    "budget.value-doubt": READINGS,
    "support.faq-did-not-help": f"{difficulty.MANY_LOOKS} looks at one article within {HELP}, or at articles of one "
    f"topic in one visit (gaps under {difficulty.SESSION_GAP // MINUTE} minutes), and back for help within "
    f"{HELP} of them.",
    "support.trying": f"The page of one feature within {difficulty.FEATURE_REACHES // DAY} days, then "
    f"{difficulty.MANY_LOOKS} looks at spec and support pages within {HELP}, one of them twice, or what "
    "`support.lost` looks for.",
    "support.lost": f"{difficulty.MANY_LOOKS} looks at one spec page, or {difficulty.MANY_PAGES} different help pages, "
    f"within {HELP}, and no page of one feature in the {difficulty.FEATURE_REACHES // DAY} days before.",
    "support.missed-follow-up": f"{Waits().follow_up // DAY} days from a purchase that is no renewal, without a "
    "follow-up.",
    "churn.silent": "Business days (`calendar_days`: all days) without any event: more than nine of ten gaps of this "
    f"customer had, and more than {cadence.SHORTEST}; until five gaps are known, what is usual in the tier stands for "
    "the others.",
    "churn.low-stickiness": f"The last {habit.SPAN} days beside the {habit.SPAN} before: there in at most "
    f"{low_stickiness.LOW} week of {habit.WEEKS}, or on at most half as many days, if those before were "
    f"{low_stickiness.HABIT}. Looked at once a week, of who still buys or is bound.",
    "churn.no-habit": f"{Waits().habit // DAY} days from the first purchase: there in fewer than {no_habit.HABIT} of "
    f"the last {habit.WEEKS} weeks.",
    "budget.renewal-window": f"{Waits().renewal // DAY} days before the renewal date of the profile.",
    "loyalty.recovered": f"{Loyalty().recovered // DAY} days from when the complaint was solved.",
    "loyalty.became-loyal": "The lifetime value and the last answer as they stand; once in a cell, the next move waits "
    f"{Loyalty().dwell // DAY} days.",
    "loyalty.hidden-loyal": f"There on {habit.VERY_ACTIVE} of the last {habit.SPAN} days, and {habit.TALKED} talks in "
    f"{habit.TALK_COUNTS // DAY}; low and tech touch. Looked at once a week.",
    "loyalty.referral-candidate": f"The last answer, if it was {standing.PROMOTER} or 10, and there in "
    f"{referral_candidate.WEEKS_ACTIVE} of the last {habit.WEEKS} weeks. Looked at once a week.",
}
