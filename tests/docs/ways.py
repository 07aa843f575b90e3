"""How each command of the documentation is run: a new one that fits nowhere makes a test red."""

from tests.docs.known import path_of

ALONE = (
    "rules",
    "replay",
    "routes test",
    "routes week",
    "playbooks check",
    "playbooks show",
    "topics plan",
    "evaluate",
)
"""Needs no broker."""

EITHER = ("explain", "backtest", "feedback")
"""Needs none if files are named."""

BEFORE = ("topics create", "topics", "check")
WORKERS = {"detect": "detect starts", "notify": "notify starts", "inbox": "the inbox is up"}
"""Runs until it is told to stop; what it says when it has begun."""

BESIDE = ("send-test", "deliveries ls", "deliveries retry", "deliveries drop", *EITHER, "erase")
"""Is given while the workers run, or they might as well."""

AFTER = ("topics recreated",)

SMALLER = {"evaluate": ("--customers", "20", "--days", "14"), "routes week": ("--customers", "20", "--people", "2")}
"""What makes a long one short: what it finds is tested elsewhere."""

SAYS_NO = {
    "deliveries retry": "there is no such message to retry",
    "deliveries drop": "there is no such message to drop",
}
"""Where nothing is parked, and no case has the id of the example."""

ANSWERS = {"erase": "y\n"}
"""What is typed where a command asks."""

ELSEWHERE = {("stream-app", "demo"): "tests/test_demo.py runs it, and .ci/run as a newcomer does"}

NOT_RUN = {
    "pip install": "needs the network; .ci/run does it in a fresh environment",
    "pytest": "these are the tests",
    "python -m tests.faults.harness": "runs for an hour; tests/faults has its parts",
    "docker": "needs a daemon",
    "kubectl": "needs a cluster",
    "promtool": "the tests of deploy/prometheus run it",
}
"""What the program's own help must know at least."""

SHELL = ("cd", "git clone", "python -m venv", "python3 -m venv", ". .venv/bin/activate")
"""The newcomer's own shell: nothing of ours is in it."""

_FILES = ("--page-views", "--purchases", "--access-log", "--csv", "--file")


def way_of(command):
    """Return the name of the table that says how a command is run, None if none does."""
    words = command.words
    if words[0] != "stream-app":
        tables = {"not run": NOT_RUN, "shell": SHELL}
        return next((name for name, table in tables.items() if _begins_with(words, table)), None)
    if words in ELSEWHERE:
        return "elsewhere"
    path = path_of(words)
    if path == "demo" and any(word in _FILES for word in words):
        return "demo"
    if path in ALONE or (path in EITHER and any(word in _FILES for word in words)):
        return "alone"
    tables = {"before": BEFORE, "worker": WORKERS, "beside": BESIDE, "after": AFTER}
    return next((name for name, table in tables.items() if path in table), None)


def _begins_with(words, table):
    return any(words[: len(beginning.split())] == tuple(beginning.split()) for beginning in table)
