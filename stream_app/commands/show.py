"""What the commands print: tables for people, JSON for programs."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stream_app.cluster import ClusterError, Problem, TopicState, describe_topics, problems
from stream_app.core.people import deputy_cycles
from stream_app.core.rule import Rule
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.rules import RULES
from stream_app.core.tuning import Feed
from stream_app.partitioners import Partitioner, differing, partitioners
from stream_app.settings import Settings
from stream_app.settings.values import span
from stream_app.sinks.choose import missing
from stream_app.topics import InputTopic

_WIDE = 200  # columns where there is no terminal to ask: lines are not broken for a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What `check` found. `unreachable` says why the cluster could not be asked, `credentials` what notify lacks.

    `asleep` are the feeds for want of which rules sleep, by rule; `idle` the rules that are set but not in the set,
    `rekeyed` the internal topics that are read for others.
    """

    rule_set: str
    rule_set_name: RuleSetName
    bootstrap_servers: str
    group: str
    notify_group: str
    topics: tuple[TopicState, ...] = ()
    problems: tuple[Problem, ...] = ()
    unreachable: str = ""
    deputy_cycles: tuple[tuple[str, ...], ...] = ()
    credentials: tuple[str, ...] = ()
    asleep: Mapping[str, tuple[Feed, ...]] = field(default_factory=dict)
    idle: tuple[str, ...] = ()
    rekeyed: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether `detect` would start."""
        return not self.unreachable and not any(problem.fatal for problem in self.problems)


async def findings(settings: Settings) -> Findings:
    """Ask the cluster all that a worker asks at its start."""
    rule_set = settings.rule_set()
    try:
        states = tuple(await describe_topics(settings))
        found = (*problems(states, settings), *differing(await partitioners(settings, states)))
        why = ""
    except ClusterError as error:
        states, found, why = (), (), str(error)
    return Findings(
        rule_set=rule_set.id,
        rule_set_name=rule_set.name,
        bootstrap_servers=settings.bootstrap_servers,
        group=settings.group,
        notify_group=settings.notify.group,
        topics=states,
        problems=found,
        unreachable=why,
        deputy_cycles=deputy_cycles(settings.team()),
        credentials=tuple(missing(settings, settings.escalation_route().sink)),
        asleep=rule_set.asleep,
        idle=settings.rules.idle(),
        rekeyed={settings.source(topic): settings.topic(topic) for topic in settings.rekey},
    )


async def topic_rows(settings: Settings) -> list[dict[str, object]]:
    """Return a row per topic: as it is where it exists, else as it would be created."""
    states = await describe_topics(settings)
    followed = {settings.topic(topic): found for topic, found in (await partitioners(settings, states)).items()}
    inputs = {settings.topic(topic) for topic in InputTopic}
    return [_topic_row(state, followed, inputs) for state in states]


def _topic_row(state: TopicState, followed: dict[str, Partitioner], inputs: set[str]) -> dict[str, object]:
    configs = state.spec.configs | state.configs
    kept = int(configs.get("retention.ms", "-1"))
    forever = kept < 0 or configs["cleanup.policy"] == "compact"
    return {
        "name": state.spec.name,
        "exists": state.exists,
        "partitions": state.partitions or state.spec.partitions,
        "cleanup": configs["cleanup.policy"],
        "retention": "" if forever else span(kept * 1000),
        "partitioner": followed.get(state.spec.name, Partitioner.UNKNOWN) if state.spec.name in inputs else "",
    }


def topics(rows: list[dict[str, object]], *, as_json: bool) -> None:
    """Print the topics."""
    if as_json:
        return _json({"topics": rows})
    table = _table(*rows[0])
    for row in rows:
        table.add_row(*(_word(value) for value in row.values()))
    _print(table)
    if not all(row["exists"] for row in rows):
        _print(Text("\nMissing ones are shown as stream-app topics create would make them."))
    return None


def created(names: list[str], *, as_json: bool) -> None:
    """Print what was created."""
    if as_json:
        return _json({"created": names})
    return _print(Text("\n".join(f"created {name}" for name in names) or "all topics are there"))


def check(found: Findings, *, as_json: bool) -> None:
    """Print what is right and wrong."""
    if as_json:
        return _json(
            {
                "good": found.good,
                "rule_set": found.rule_set,
                "set": found.rule_set_name,
                "bootstrap_servers": found.bootstrap_servers,
                "group": found.group,
                "notify_group": found.notify_group,
                "unreachable": found.unreachable or None,
                "problems": [asdict(problem) for problem in found.problems],
                "deputy_cycles": found.deputy_cycles,
                "credentials": found.credentials,
                "asleep": found.asleep,
                "idle": found.idle,
                "rekeyed": found.rekeyed,
            }
        )
    groups = f"consumer groups {found.group} and {found.notify_group}"
    lines = [f"ok    settings: rule set {found.rule_set_name} ({found.rule_set}), {groups}"]
    lines += [f"note  rules: {line}" for line in _silent_rules(found)]
    lines += [
        f"note  people: {' → '.join((*circle, circle[0]))}: away together, their alerts go to the fallback"
        for circle in found.deputy_cycles
    ]
    lines += [f"note  rekey: {name}, which detect fills, is read for {of}" for of, name in found.rekeyed.items()]
    lines += [f"note  sinks: {line}" for line in found.credentials]
    if found.unreachable:
        lines.append(f"wrong broker: {found.unreachable}")
    else:
        there = sum(state.exists for state in found.topics)
        lines.append(f"ok    broker: {found.bootstrap_servers} answers, {there} of {len(found.topics)} topics exist")
        lines += [f"{'wrong' if problem.fatal else 'note '} {problem}" for problem in found.problems]
        lines.append(_verdict(found))
    return _print(Text("\n".join(lines)))


def _silent_rules(found: Findings) -> Iterator[str]:
    """Yield which rules sleep for want of which feeds, and which are set in vain."""
    sleepers: defaultdict[str, list[str]] = defaultdict(list)
    for rule_id, lacks in found.asleep.items():
        sleepers[_until(rule_id, lacks)].append(rule_id)
    for until, ids in sleepers.items():
        yield f"asleep {until}: {', '.join(ids)}"
    if found.idle:
        yield f"set in vain, for the set {found.rule_set_name} does not hold them: {', '.join(found.idle)}"


def _until(rule_id: str, lacks: tuple[Feed, ...]) -> str:
    one_will_do = any(rule.id == rule_id and rule.one_of == set(lacks) for rule in RULES)
    return f"until the setting feeds names {(' or ' if one_will_do else ' and ').join(lacks)}"


def _verdict(found: Findings) -> str:
    if not found.good:
        return "A worker would not start."
    return "detect can start, notify cannot." if found.credentials else "A worker can start."


def rules(rule_set: RuleSet, *, as_json: bool) -> None:
    """Print the rules."""
    rows = [_rule_row(rule, rule_set) for rule in rule_set.rules]
    feeds = [feed for feed in Feed if feed in rule_set.tuning.feeds]
    if as_json:
        return _json({"rule_set": rule_set.id, "set": rule_set.name, "feeds": feeds, "rules": rows})
    table = _table("rule", "intent", "severity", "polarity", "silent for", "told")
    for rule in rule_set.rules:
        told = "in the digest" if rule.digest else "at once"
        table.add_row(_marked(rule, rule_set), rule.intent, rule.severity, rule.polarity, span(rule.cooldown), told)
    _print(table)
    for rule, row in zip(rule_set.rules, rows, strict=True):
        _print(Text(f"\n{rule.id}\n  {rule.why}\n  speaks: {row['speaks']}\n  silent: {row['silent']}"))
        if lacks := rule_set.lacks(rule):
            _print(Text(f"  asleep {_until(rule.id, lacks)}"))
    said = f"Rule set {rule_set.name} ({rule_set.id}), feeds: {', '.join(feeds) or 'none'}."
    return _print(Text(f"\n{said} Each alert carries the mark of its rules and settings."))


def _marked(rule: Rule, rule_set: RuleSet) -> str:
    """Return the rule's id, and why it is not asked if it is not."""
    if not rule.enabled:
        return f"{rule.id} (off)"
    return f"{rule.id} (asleep)" if rule_set.lacks(rule) else rule.id


def _rule_row(rule: Rule, rule_set: RuleSet) -> dict[str, object]:
    return {
        "id": rule.id,
        "enabled": rule.enabled,
        "intent": rule.intent,
        "severity": rule.severity,
        "polarity": rule.polarity,
        "cooldown": span(rule.cooldown),
        "digest": rule.digest,
        "feeds": sorted(rule.feeds | rule.one_of),
        "lacks": rule_set.lacks(rule),
        "why": rule.why,
        "speaks": "; ".join(example.story for example in rule.examples if example.fires),
        "silent": "; ".join(example.story for example in rule.examples if not example.fires),
    }


def _table(*titles: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 3, 0, 0))
    for title in titles:
        table.add_column(title, no_wrap=True)
    return table


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _print(what: Table | Text) -> None:
    terminal = sys.stdout.isatty()
    Console(highlight=False, width=None if terminal else _WIDE, soft_wrap=isinstance(what, Text)).print(what)


def _json(document: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()
