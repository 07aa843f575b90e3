"""Who would be told of alerts: of those in a file, or of one that is described."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from msgspec import Struct
from msgspec.structs import replace

from stream_app.alert_lines import plain
from stream_app.codec import DecodeError, decode_alert
from stream_app.core.alerts import OUTAGE, Intent, Polarity, Severity
from stream_app.core.calendar import Calendar, NeverOpen
from stream_app.core.events import Micros, moment_of
from stream_app.core.notify.manner import Manner, is_minor, manner_of
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.routes import AlertFacts, facts_of
from stream_app.core.routing import Routing, Why
from stream_app.core.rule import Rule
from stream_app.formats.lines import BadLine, bad_line, numbered, numbered_lines
from stream_app.outputs import EXIT_NOBODY_READS, STDOUT, leave_stdout

_IN_WORDS = {
    Why.MATCHED: "the route takes it",
    Why.UNKNOWN_TIER: "the tier is not known and counts as low",
    Why.UNKNOWN_OWNER: "the owner is not in [people]: reached by e-mail address",
    Why.OWNER_AWAY: "the owner is away",
    Why.USER_AWAY: "the route's user is away",
    Why.DEPUTY: "the deputy stands in",
    Why.NO_OWNER: "the customer has no owner",
    Why.NO_DEPUTY: "nobody stands in",
    Why.DEPUTY_CYCLE: "the deputies are away too, in a circle",
    Why.FALLBACK: "so it goes to the fallback",
    Why.SECOND: "the second target is told at once too",
}


_OF_THE_SITE = AlertFacts(intent=Intent.OPS, severity=Severity.HIGH, polarity=Polarity.RISK, rule=OUTAGE)


class Asked(Struct, frozen=True, kw_only=True):
    """An alert to find readers for: what routes look at, when it would be sent, and if there is one, which it is."""

    facts: AlertFacts
    at: Micros
    alert_id: str = ""
    customer_id: str = ""


def read_alerts(name: str, at: Micros | None) -> Iterator[Asked | BadLine]:
    """Yield the alerts of a file of JSON lines, `-` is standard input, sent when they happened if `at` does not say.

    Raises OSError for a file that cannot be opened.
    """
    lines = numbered_lines(Path(name)) if name != STDOUT else numbered(os.fdopen(os.dup(0), "rb"))
    for line in lines:
        if isinstance(line, BadLine):
            yield line
        elif line[1].strip():
            yield _asked(*line, at)


def described(
    rules: Iterable[Rule], intent: Intent | None, rule_id: str | None, at: Micros, said: Mapping[str, str]
) -> Asked:
    """Return the alert of a rule, or of an intent's first rule, with what is `said` of it in place of the rule's own.

    Raises ValueError where neither is named, or there is no such rule.
    """
    if rule_id is None and intent is None:
        raise ValueError("name an alert: --alerts FILE, or --intent or --rule and what else is known of it")
    if rule_id == OUTAGE or (rule_id is None and intent is Intent.OPS):
        return Asked(facts=replace(_OF_THE_SITE, **said), at=at)
    rule = next((one for one in rules if (one.intent is intent if rule_id is None else one.id == rule_id)), None)
    if rule is None:
        raise ValueError(f"no rule is called {rule_id!r}; stream-app rules lists them")
    facts = AlertFacts(
        intent=intent or rule.intent,
        severity=rule.severity,
        polarity=rule.polarity,
        rule=rule.id,
        digest=rule.digest,
    )
    return Asked(facts=replace(facts, **said), at=at)


def run(alerts: Iterable[Asked | BadLine], rules: NotifyRules, *, as_json: bool = False) -> int:
    """Print who would be told and return the exit code; what cannot be read is named on standard error.

    0 done, 1 a file or a line of it cannot be read, 141 nobody reads standard output.
    """
    bad = 0
    try:
        rows: list[dict[str, object]] = []
        for each in alerts:
            if isinstance(each, BadLine):
                bad += 1
                sys.stderr.write(f"stream-app routes: line {each.line_number}: {each.reason}: {plain(each.detail)}\n")
            elif as_json:
                rows.append(answer(each, rules))
            else:
                sys.stdout.write(told(each, rules))
        if as_json:
            sys.stdout.write(orjson.dumps({"alerts": rows, "unreadable": bad}).decode() + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        leave_stdout()
        return EXIT_NOBODY_READS
    except (OSError, NeverOpen) as error:
        sys.stderr.write(f"stream-app routes: {error}\n")
        return 1
    return 1 if bad else 0


def answer(asked: Asked, rules: NotifyRules) -> dict[str, object]:
    """Return who would be told, for programs; times are of the reader's zone."""
    facts = asked.facts
    return {
        "alert_id": asked.alert_id or None,
        "customer_id": asked.customer_id or None,
        **{name: getattr(facts, name) for name in AlertFacts.__struct_fields__},
        "at": _moment(asked.at, rules.calendars[""]).isoformat(),
        "told": [_row(each, asked, rules) for each in rules.routings(facts, asked.at)],
    }


def told(asked: Asked, rules: NotifyRules) -> str:
    """Return who would be told, in lines for people."""
    lines = [plain(_head(asked, rules))]
    for each in rules.routings(asked.facts, asked.at):
        lines += [f"  {plain(_told(each, asked, rules))}", f"    because {plain(_because(each))}"]
    return "\n".join(lines) + "\n"


def _asked(number: int, raw: bytes, at: Micros | None) -> Asked | BadLine:
    try:
        alert = decode_alert(raw)
    except DecodeError as error:
        return bad_line(number, raw, error)
    return Asked(
        facts=facts_of(alert),
        at=alert.occurred_at if at is None else at,
        alert_id=alert.alert_id,
        customer_id=alert.customer_id,
    )


def _row(routing: Routing, asked: Asked, rules: NotifyRules) -> dict[str, object]:
    return {
        "route": routing.route,
        "sink": routing.target.sink,
        "kind": routing.target.kind,
        "address": routing.target.address,
        "person": routing.person or None,
        "mentions": routing.mentions,
        "absent": routing.absent,
        "digest": rules.is_digested(routing, asked.facts),
        "when": None if _is_spared(routing, asked) else _when(routing, asked, rules).isoformat(),
        "why": routing.why,
    }


def _head(asked: Asked, rules: NotifyRules) -> str:
    facts = asked.facts
    who = f"{asked.customer_id}: " if asked.customer_id else ""
    parts = (
        f"{facts.intent} {facts.severity} ({facts.polarity})",
        facts.rule,
        f"tier {facts.tier or 'not known'}",
        f"owner {facts.owner or 'none'}",
        f"language {facts.language or 'not known'}",
        _shown(_moment(asked.at, rules.calendars[""])),
    )
    return who + ", ".join(parts)


def _told(routing: Routing, asked: Asked, rules: NotifyRules) -> str:
    target = routing.target
    where = f"{target.sink} {target.kind} {target.address}" if target.address else str(target.sink)
    mentions = f", mentions {routing.person}" if routing.mentions else ""
    person = f", that is {routing.person}" if not mentions and routing.person not in ("", target.address) else ""
    said = f"{routing.route} → {where}{mentions}{person}"
    if _is_spared(routing, asked):
        return f"{said}, not at all: low alerts and digests make no task"
    digest = "in the digest of " if rules.is_digested(routing, asked.facts) else ""
    return f"{said}, {digest}{_shown(_when(routing, asked, rules))}"


def _because(routing: Routing) -> str:
    if routing.why[0] is Why.FALLBACK:
        said = ["no route takes it", *(_IN_WORDS[why] for why in routing.why)]
    else:
        said = [_IN_WORDS[why] for why in routing.why]
    away = f" (away: {' → '.join(routing.absent)})" if routing.absent else ""
    return "; ".join(said) + away


def _when(routing: Routing, asked: Asked, rules: NotifyRules) -> datetime:
    return _moment(rules.told_at(routing, asked.facts, asked.at), rules.hours_of(routing))


def _is_spared(routing: Routing, asked: Asked) -> bool:
    return manner_of(routing.target.sink) is Manner.TASK and is_minor(routing, asked.facts.severity, asked.facts.digest)


def _moment(at: Micros, hours: Calendar) -> datetime:
    return moment_of(at).astimezone(ZoneInfo(hours.hours.timezone))


def _shown(moment: datetime) -> str:
    return f"{moment:%a %Y-%m-%d %H:%M} {moment.tzname()}"
