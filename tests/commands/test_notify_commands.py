"""What notify has in hand, an operator's word on it, and a route tried."""

import json

import pytest

from stream_app.cli import main
from stream_app.commands.trial import Answer, deliver, marked, trial
from stream_app.core.alerts import Intent, Severity
from stream_app.core.events import MINUTE
from stream_app.core.language import Language
from stream_app.core.notify.message import Place
from stream_app.core.notify.orders import Operated, Operation
from stream_app.core.notify.parcels import Failed, Refused, Sent
from stream_app.core.routes import Sink
from stream_app.core.routing import Target
from stream_app.deliveries import of_partition, orders_for
from stream_app.notify.composition import say_of
from stream_app.settings import Settings, load
from stream_app.sinks.base import SinkError, SinkRejected
from tests.desks import CASE, CHANNEL, MORNING, NIGHT, answered, told


@pytest.fixture(autouse=True)
def _nowhere(tmp_path, monkeypatch):
    """No settings file in the current folder."""
    monkeypatch.chdir(tmp_path)


STATES = {
    "held": (lambda: told(NIGHT), ("held", False, "")),
    "quiet": (lambda: told(MORNING, severity=Severity.MEDIUM), ("held", False, "")),
    "digest": (lambda: told(MORNING, severity=Severity.LOW), ("digest", False, "")),
    "on its way": (lambda: answered(None), ("held", True, "")),
    "failing": (lambda: answered(Failed(why="503")), ("held", True, "503")),
    "parked": (lambda: answered(Refused(why="channel_not_found")), ("parked", False, "channel_not_found")),
    "open": (lambda: answered(Sent(place=Place(channel="C1", id="1.0"))), ("open", False, "")),
}


@pytest.mark.parametrize(("made", "expected"), STATES.values(), ids=STATES)
def test_what_a_desk_wrote_down_is_what_is_in_hand(made, expected):
    _, records = made()
    (found,) = of_partition({b"a|a-1": b"{}", **records})

    assert (CHANNEL, CASE, *expected) == (
        found.target,
        found.message.case_id,
        found.message.stage,
        found.on_way,
        found.why,
    )


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("made", [made for made, _ in STATES.values()], ids=STATES)
def test_what_can_be_done_is_what_the_desk_would_do(made, operation):
    desk, records = made()
    (found,) = of_partition(records)
    for key, value in records.items():
        desk.load(CASE if key.endswith(CASE.encode()) else "", value)  # as a worker that takes over
    desk.take(Operated(case_id=CASE, operation=operation), MORNING + MINUTE)

    assert found.can(operation) is bool(desk.changes())


def test_what_is_done_is_in_nobody_s_hand():
    desk, records = told(NIGHT)
    desk.take(Operated(case_id=CASE, operation=Operation.DROP), NIGHT)

    assert [] == list(of_partition(records | dict(desk.changes())))


def test_a_message_is_operated_at_each_of_its_targets():
    other = Target(sink=Sink.CONSOLE)
    found = [*of_partition(answered(Refused(why="no"))[1]), *of_partition(told(NIGHT, other)[1])]
    order = {one: Operated(case_id=CASE, operation=one) for one in Operation}

    assert [(CHANNEL, order[Operation.RETRY])] == [
        (each.target, said) for each, said in orders_for(found, Operation.RETRY, lambda _: True)
    ]
    assert [(CHANNEL, order[Operation.DROP]), (other, order[Operation.DROP])] == [
        (each.target, said) for each, said in orders_for(found, Operation.DROP, lambda _: True)
    ]
    assert [] == orders_for(found, Operation.DROP, lambda _: False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deliveries", "retry"], "name a CASE, or --all-parked"),
        (["deliveries", "retry", CASE, "--all-parked"], "name a CASE, or --all-parked"),
        (["deliveries", "drop"], "Missing argument 'CASE'"),
        (["send-test", "high-tuoch"], "no route is called 'high-tuoch'; did you mean 'high-touch'?"),
        (["send-test", "x", "--to", "teams"], "'teams' is not one of"),
    ],
)
def test_wrong_usage_ends_with_2(capsys, arguments, said):
    code = main(arguments)
    out, err = capsys.readouterr()

    assert (2, "") == (code, out)
    assert said in " ".join(err.split())


@pytest.mark.parametrize("command", [["ls"], ["retry", "--all-parked"], ["drop", CASE]])
def test_without_a_broker_it_says_where_it_looked(capsys, monkeypatch, command):
    monkeypatch.setenv("STREAM_APP_BOOTSTRAP_SERVERS", "127.0.0.1:1")

    assert main(["deliveries", *command]) == 1
    assert "Kafka at 127.0.0.1:1" in capsys.readouterr().err


PEOPLE = """
[people."a@example.co.jp"]
slack = "U0A"
language = "en"
[people."a@example.co.jp".hours]
timezone = "Europe/Berlin"
country = "DE"
"""
ROUTES = """
[[routes]]
name = "leads"
intent = ["upgrade"]
severity = ["low"]
rule = ["upgrade.*"]
owner = ["b@example.co.jp"]
channel = "#leads"
mention_owner = true
[[routes]]
name = "task"
tier = ["tech"]
sink = "salesforce"
user = "owner"
continue = true
"""


@pytest.mark.parametrize(
    ("text", "name", "to", "expected"),
    [
        (PEOPLE, "high-touch", None, (Sink.SLACK, "U0A", "a@example.co.jp", Intent.CHURN, Severity.HIGH)),
        (PEOPLE, "low-touch", None, (Sink.SLACK, "#customer-success", "a@example.co.jp", Intent.CHURN, Severity.HIGH)),
        (PEOPLE, "fallback", None, (Sink.SLACK, "#customer-success", "", Intent.CHURN, Severity.HIGH)),
        (
            PEOPLE,
            "high-touch",
            Sink.CONSOLE,
            (Sink.CONSOLE, "a@example.co.jp", "a@example.co.jp", Intent.CHURN, "high"),
        ),
        ("", "high-touch", None, (Sink.SLACK, "#customer-success", "", Intent.CHURN, Severity.HIGH)),
        ("", "high-touch", Sink.FILE, (Sink.FILE, "#customer-success", "", Intent.CHURN, Severity.HIGH)),
        (ROUTES, "leads", None, (Sink.SLACK, "#leads", "b@example.co.jp", Intent.UPGRADE, Severity.LOW)),
        (PEOPLE + ROUTES, "task", None, (Sink.SALESFORCE, *("a@example.co.jp",) * 2, Intent.CHURN, Severity.HIGH)),
    ],
)
def test_a_trial_takes_the_named_route_and_no_other(tmp_path, text, name, to, expected):
    (message,) = (parcel := trial(written(tmp_path, text), name, MORNING, to)).messages

    assert (name, *expected) == (
        message.routing.route,
        parcel.target.sink,
        parcel.target.address,
        message.routing.person,
        message.lead.intent,
        message.lead.severity,
    )


def written(tmp_path, text):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    return load(tmp_path / "x.toml", {})


@pytest.mark.parametrize(
    ("name", "language", "heading", "note"),
    [
        ("high-touch", Language.EN, "[Test] [", "This is a test message: no customer did this."),
        ("tech-touch", Language.JA, "【テスト】【", "送信テストです。実際のお客様の動きではありません。"),
    ],
)
def test_a_trial_is_told_as_a_real_alert_and_marked(tmp_path, name, language, heading, note):
    settings = written(tmp_path, PEOPLE)
    made = marked(say_of(settings)(trial(settings, name, MORNING), MORNING))
    letter, (message,) = made.letter, made.parcel.messages

    assert (language, heading, note, ()) == (
        letter.language,
        letter.message.heading[: len(heading)],
        letter.notes[0],
        letter.buttons,
    )
    assert made.parcel.id == message.case_id == letter.case_id == message.lead.alert_id
    assert letter.message.seen[0].when.endswith("10:00" if language is Language.JA else "3:00")


class Answering:
    """A sink that answers what it is told to."""

    def __init__(self, answer):
        self.answer = answer
        self.given = []

    async def deliver(self, given):
        self.given.append(given)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self):
        """Nothing is open."""


@pytest.mark.parametrize(
    ("answer", "place", "why"),
    [
        (Place(channel="C1", id="1.0"), Place(channel="C1", id="1.0"), ""),
        (None, None, ""),
        (SinkError("503", retry_after=3.0), None, "not now: 503"),
        (SinkRejected("channel_not_found"), None, "refused: channel_not_found"),
    ],
)
async def test_what_the_sink_answers_is_told(answer, place, why):
    test = say_of(Settings())(trial(Settings(), "fallback", MORNING), MORNING)
    sink = Answering(answer)

    assert Answer(target=test.parcel.target, place=place, why=why) == await deliver(test, sink)
    assert [test] == sink.given


class TestSendTest:
    def test_it_can_be_read_on_the_console(self, capsys):
        assert main(["send-test", "fallback", "--to", "console"]) == 0
        said = capsys.readouterr().out
        assert ("【テスト】" in said, "送信テストです。" in said) == (True, True)
        assert said.splitlines()[-1] == "console channel #customer-success: delivered"

    def test_other_routes_need_no_credentials_for_it(self, tmp_path, capsys):
        """Slack's are missing, and the fallback goes there."""
        (tmp_path / "stream-app.toml").write_text("[[routes]]\nname = 'f'\nsink = 'file'\n[file]\npath = 'm.jsonl'")

        assert main(["send-test", "f"]) == 0
        assert capsys.readouterr().out == "file: delivered\n"
        (line,) = (tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()
        assert "【テスト】" in json.loads(line)["heading"]

    def test_its_own_are_asked_for(self, capsys):
        assert main(["send-test", "low-touch"]) == 2
        assert "route 'low-touch' needs [slack] token or webhook_url" in capsys.readouterr().err

    def test_what_the_sink_refuses_is_the_exit_code(self, tmp_path, capsys):
        (tmp_path / "stream-app.toml").write_text("[fallback]\nsink = 'file'\n[file]\npath = '.'")

        assert main(["send-test", "fallback"]) == 1
        assert capsys.readouterr().err.startswith("file: refused: ")
