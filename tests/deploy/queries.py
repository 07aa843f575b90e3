"""What the workers expose, and what PromQL asks of it."""

from pathlib import Path

import promql_parser
import yaml

from stream_app.metrics import Metrics
from stream_app.notify.metrics import NotifyMetrics

PROMETHEUS_LABELS = {"instance", "job", "le"}  # that it adds itself, or that histograms have
RULES = Path(__file__).parents[2] / "deploy" / "prometheus"
ASKED_AT_ONCE = {"$__rate_interval": "5m", "$__range": "7d"}  # what Grafana puts in


def exposed():
    """Return for each series name of both workers its labels, and for each label the values that it begins with."""
    found = {}
    metrics = Metrics()
    metrics.rule_set("any")
    for registry in (metrics.registry, NotifyMetrics().registry):
        for sample in (sample for family in registry.collect() for sample in family.samples):
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return {**found, **dict(recorded())}


def recorded():
    """Yield the names that recording rules make, with the labels that they sum up by."""
    for path in RULES.glob("*.yml"):
        groups = yaml.safe_load(path.read_text(encoding="utf-8")).get("groups", [])
        for rule in (rule for group in groups for rule in group["rules"] if "record" in rule):
            labels = {label for _, by in selectors(parsed(rule["expr"])) for label in by}
            yield rule["record"], {label: set() for label in labels}


def selectors(node, by=()):
    """Yield each selector of a parsed expression, with the labels that it is summed up by around it."""
    match type(node).__name__:
        case "VectorSelector":
            yield node, by
        case "MatrixSelector":
            yield node.vector_selector, by
        case "AggregateExpr":
            labels = node.modifier.labels if node.modifier else ()
            yield from selectors(node.expr, (*by, *labels))
        case "BinaryExpr":
            yield from selectors(node.lhs, by)
            yield from selectors(node.rhs, by)
        case "Call":
            for argument in node.args:
                yield from selectors(argument, by)
        case "ParenExpr" | "UnaryExpr" | "SubqueryExpr":
            yield from selectors(node.expr, by)


def parsed(expression):
    """Return a query of a dashboard as Prometheus would get it; ValueError if it is none."""
    for variable, value in ASKED_AT_ONCE.items():
        expression = expression.replace(variable, value)
    return promql_parser.parse(expression)
