"""The parts of a catalogue: what each holds is said where it is used."""

from msgspec import Struct


class Dates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How moments are written; `short` within this year."""

    short: str
    long: str
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    weekdays: tuple[str, str, str, str, str, str, str]  # from Monday


class Sections(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Titles; `draft_…` where the draft is in another language than the message."""

    who: str
    happened: str
    meaning: str
    how_sure: str
    options: str
    draft: str
    draft_ja: str
    draft_en: str
    links: str


class Labels(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands before a value."""

    name: str
    company: str
    owner: str
    tier: str
    plan: str
    renewal: str
    case: str
    ask: str
    answer: str
    subject: str
    crm: str
    history: str
    stage: str
    cell: str
    value: str
    nps: str
    proposed_tier: str
    buying: str


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a customer's facts are put."""

    with_id: str
    owner_named: str
    no_owner: str
    no_profile: str
    site: str  # where an alert is of no customer
    onboarding: str
    campaign_only: str
    moved: str
    unknown: str
    promoter: str
    passive: str
    detractor: str


class Tests(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tells a test message from a real one."""

    heading: str
    note: str


class Renewals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far off a renewal is."""

    ahead: str
    tomorrow: str
    today: str
    yesterday: str
    past: str
    day: str


class Comparison(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How readings are put beside each other."""

    caption: str
    leading: str
    runner_up: str
    other: str
    because: str


class StandIns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a draft says where something is not known."""

    customer_name: str
    company: str
    owner_name: str
    owner_email: str


class Notes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands under a heading, a line each: why this reader is told, and how the case stands."""

    person: str
    repeat: str
    escalated: str
    owned: str
    contacted: str
    snoozed: str
    over: str
    over_heading: str
    part_over: str
    elsewhere: str
    replaced: str
    replaced_unknown: str
    owner_away: str
    owner_alone: str  # away, and nobody stands in
    user_away: str
    user_alone: str
    no_owner: str
    unknown_owner: str
    fallback: str
    times_today: str
    erased: str
    together: str


class Contacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When to contact the customer; `local` adds that the times are theirs, and the reader's own time of the call."""

    now: str
    call_later: str
    mail_later: str
    both_later: str
    local: str


class Threads(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said in a thread."""

    took_over: str
    raised: str
    more_seen: str
    waiting: str
    due: str
    snooze_over: str
    overdue: str
    hours: str
    minutes: str
    hours_minutes: str
    erased: str  # instead of what was said


class Lists(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands around many, and around people of one account."""

    bundle: str
    digest: str
    by_intent: str
    rest: str
    rest_line: str
    more: str
    also: str
    more_people: str
    ask: str
