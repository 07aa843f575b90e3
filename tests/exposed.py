"""What the two workers expose, as it stands before anything has happened."""

from stream_app.metrics import Metrics
from stream_app.notify.metrics import NotifyMetrics
from stream_app.rekey.metrics import RekeyMetrics
from stream_app.reloads import ReloadMetrics
from stream_app.topics import InputTopic

PROCESS = "process_"
REKEYED = (InputTopic.PURCHASES, InputTopic.PAGE_VIEWS)


def registries():
    """Return what each worker counts in, by the worker's name."""
    detect, notify = Metrics(), NotifyMetrics()
    detect.rule_set("abc123")
    RekeyMetrics(detect.registry, REKEYED)
    for one in (detect, notify):
        ReloadMetrics(one.registry)
    return {"detect": detect.registry, "notify": notify.registry}


def families(registry):
    """Return our own metrics, by the name under which they are asked for; those of the process are the client's."""
    return {
        family.name + {"counter": "_total", "info": "_info"}.get(family.type, ""): family
        for family in registry.collect()
        if not family.name.startswith(PROCESS)
    }


def labels(family):
    """Return the names of a metric's labels."""
    return tuple(label for label in family.samples[0].labels if label != "le")


def series(registry):
    """Return every series there is, of our own metrics."""
    found = (sample for family in families(registry).values() for sample in family.samples)
    return {(sample.name, *sorted(sample.labels.items())) for sample in found}
