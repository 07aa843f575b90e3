"""Alerts posted over real HTTP: signed, once by id, and what each answer means."""

import time
from email.utils import format_datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from stream_app.codec import encode_alert
from stream_app.core.events import HOUR, MINUTE, SECOND, moment_of
from stream_app.core.notify.parcels import Kind
from stream_app.render.plain_letters import plain_letter
from stream_app.sinks.alert_post import alert_posts
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.webhook import Webhook
from tests.render.samples import MORNING
from tests.sinks.parcels import ALERT, LIST, NOTE, PUBLISHED, THERE, WHOLE, envelope
from tests.sinks.webhook_server import NEW_SECRET, OLD_SECRET, WebhookServer, status


def clock():
    """Signatures are verified by the server's own clock."""
    return time.time_ns() // 1_000


@pytest.fixture
async def server():
    async with WebhookServer() as started:
        yield started


async def refused(server, said=None, error=SinkError, **changed):
    """Return how a delivery failed."""
    with pytest.raises(error) as caught:
        await Webhook(server.settings(**changed), clock).deliver(said or envelope())
    return caught.value


class TestPost:
    async def test_it_is_the_alert_as_on_its_topic_and_the_message(self, server):
        assert await Webhook(server.settings(), clock).deliver(envelope()) is None
        expected = {
            "type": "cs.alert.created",
            "timestamp": "2026-06-01T01:00:01Z",
            "data": {
                **orjson.loads(encode_alert(ALERT, MORNING + SECOND)),
                "case_id": "case-1",
                "route": "high-touch",
                "heading": WHOLE.message.heading,
                "text": plain_letter(WHOLE),
            },
        }

        assert [expected] == [post.event for post in server.posts]

    async def test_the_id_stays_and_the_time_is_that_of_the_try(self, server):
        tries = iter([clock(), clock() + MINUTE])
        sink = Webhook(server.settings(), lambda: next(tries))
        await sink.deliver(envelope())
        await sink.deliver(envelope())
        first, second = server.posts

        assert [PUBLISHED.alert_id] * 2 == [first.id, second.id]
        assert first.event == second.event
        assert second.timestamp - first.timestamp in (60, 61)
        assert (True,) == first.verified == second.verified

    async def test_an_alert_that_was_not_detected_live_is_timed_by_what_happened(self, server):
        await Webhook(server.settings(), clock).deliver(envelope(alerts=[replace(PUBLISHED, detected_at=None)]))

        assert ["2026-06-01T01:00:00Z"] == [post.event["timestamp"] for post in server.posts]

    async def test_while_keys_are_changed_both_verify_and_the_new_one_signs_first(self):
        now = clock()
        async with WebhookServer(NEW_SECRET, OLD_SECRET) as server:
            await Webhook(server.settings(), lambda: now).deliver(envelope())
            await Webhook(server.settings(secrets=[NEW_SECRET]), lambda: now).deliver(envelope())
        both, new = server.posts

        assert ((True, True), (True, False)) == (both.verified, new.verified)
        assert (2, new.signatures) == (len(both.signatures), both.signatures[:1])

    async def test_each_alert_that_is_new_is_posted_and_none_that_is_not(self, server):
        alerts = [replace(PUBLISHED, alert_id=letter * 32) for letter in "abc"]
        await Webhook(server.settings(), clock).deliver(envelope(alerts=alerts, alert_ids=("b" * 32, "c" * 32)))

        assert ["b" * 32, "c" * 32] == [post.id for post in server.posts]

    async def test_an_escalation_has_no_new_alert_and_posts_the_newest(self, server):
        alerts = [replace(PUBLISHED, alert_id=letter * 32) for letter in "ab"]
        await Webhook(server.settings(), clock).deliver(envelope(alerts=alerts, alert_ids=()))

        assert ["b" * 32] == [post.id for post in server.posts]

    @pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ALERT])
    @pytest.mark.parametrize("letter", [WHOLE, NOTE, LIST], ids=lambda letter: type(letter).__name__)
    async def test_nothing_else_is_ever_posted(self, server, kind, letter):
        said = envelope(kind, letter, place=THERE)

        assert f"a webhook takes alerts only: no {kind}" == str(await refused(server, said, SinkRejected))
        assert [] == server.posts


class TestSize:
    MANY = tuple(replace(PUBLISHED.evidence[0], event_id=f"v-{n}", occurred_at=MORNING + n) for n in range(400))

    async def test_the_oldest_evidence_goes_first_and_is_counted(self, server):
        shuffled = (*self.MANY[200:], *self.MANY[:200])
        await Webhook(server.settings(), clock).deliver(envelope(alerts=[replace(PUBLISHED, evidence=shuffled)]))
        said = server.posts[0].event["data"]
        kept = len(said["evidence"])

        assert [f"v-{n}" for n in range(400 - kept, 400)] == [one["event_id"] for one in said["evidence"]]
        assert 400 == said["evidence_left_out"] + kept
        assert server.posts[0].size in range(19_700, 20_000)
        assert plain_letter(WHOLE) == said["text"]

    @pytest.mark.parametrize("letters", ["x", "解", "\n", "😀"])
    async def test_a_text_that_is_too_long_by_itself_is_cut_after_all_evidence(self, server, letters):
        long = replace(WHOLE, also=(letters * 18_000,))
        await Webhook(server.settings(), clock).deliver(envelope(letter=long, alerts=[PUBLISHED]))
        said = server.posts[0].event["data"]

        assert ([], 1) == (said["evidence"], said["evidence_left_out"])
        assert said["text"].endswith("…")
        assert plain_letter(long).startswith(said["text"][:-1])
        assert server.posts[0].size < 20_000

    async def test_what_does_not_fit_even_so_is_refused(self, server):
        said = envelope(alerts=[replace(PUBLISHED, reason="x" * 20_000)])

        assert "an alert of more than 20000 bytes cannot be posted" == str(await refused(server, said, SinkRejected))
        assert [] == server.posts

    @settings(max_examples=60, deadline=None)
    @given(count=st.integers(0, 200), title=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
    def test_it_is_always_under_20_kb_and_complete(self, count, title):
        evidence = tuple(replace(one, title=title) for one in self.MANY[:count])
        said = envelope(alerts=[replace(PUBLISHED, evidence=evidence)])
        ((_, body),) = alert_posts(said.parcel, said.letter)
        fields = orjson.loads(body)["data"]

        assert len(body.encode()) < 20_000
        assert count == len(fields["evidence"]) + fields.get("evidence_left_out", 0)


class TestAnswers:
    @pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
    async def test_2xx_is_delivered(self, server, code):
        server.answers.append(status(code))

        assert await Webhook(server.settings(), clock).deliver(envelope()) is None

    @pytest.mark.parametrize("how", ["cut", "stall", "flood"])
    async def test_the_body_does_not_matter(self, server, how):
        server.answers.append(getattr(server, how))

        assert await Webhook(server.settings(timeout=30), clock).deliver(envelope()) is None

    @pytest.mark.parametrize("code", [429, 500, 502, 503, 504, 599])
    @pytest.mark.parametrize(
        ("said", "expected"), [({}, None), ({"Retry_After": "30"}, 30.0), ({"Retry_After": "abc"}, None)]
    )
    async def test_what_may_pass_is_tried_again(self, server, code, said, expected):
        server.answers.append(status(code, **said))
        error = await refused(server)

        assert (f"http://127.0.0.1 answered {code}", expected, False) == (str(error), error.retry_after, error.unsure)

    async def test_retry_after_may_be_a_date(self, server):
        date = format_datetime(moment_of(clock() + HOUR), usegmt=True)
        server.answers.append(status(503, Retry_After=date))

        assert 3_500 < (await refused(server)).retry_after <= 3_600

    @pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 413, 422])
    async def test_what_will_not_pass_is_refused(self, server, code):
        server.answers.append(status(code))

        assert f"http://127.0.0.1 answered {code}" == str(await refused(server, error=SinkRejected))

    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    async def test_redirects_are_not_followed(self, server, code):
        server.answers.append(status(code, Location=server.settings().url.get_secret_value()))
        said = str(await refused(server, error=SinkRejected))

        assert f"http://127.0.0.1 answered {code}: redirects are not followed" == said
        assert 1 == len(server.posts)

    async def test_after_410_nothing_is_posted_until_a_restart(self, server):
        server.answers.append(status(410))
        sink = Webhook(server.settings(), clock)
        said = []
        for _ in range(3):
            with pytest.raises(SinkRejected) as caught:
                await sink.deliver(envelope())
            said.append(str(caught.value))

        assert ["gone: http://127.0.0.1 answered 410; nothing more is posted to it until a restart"] * 3 == said
        assert 1 == len(server.posts)
        assert await Webhook(server.settings(), clock).deliver(envelope()) is None

    @pytest.mark.parametrize("how", ["hang", "drop"])
    async def test_without_an_answer_it_may_have_arrived(self, server, how):
        server.answers.append(getattr(server, how))
        error = await refused(server, timeout=1)

        assert (True, True) == (error.unsure, str(error).startswith("http://127.0.0.1 did not answer: "))
        assert 1 == len(server.posts)

    async def test_without_a_connection_it_has_not(self):
        async with WebhookServer() as server:
            away = server.settings()
        with pytest.raises(SinkError) as caught:
            await Webhook(away, clock).deliver(envelope())

        said = "http://127.0.0.1 cannot be reached: ClientConnectorError"
        assert (False, said) == (caught.value.unsure, str(caught.value))

    async def test_a_proxy_of_the_environment_is_not_asked(self, server, monkeypatch):
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

        assert await Webhook(server.settings(), clock).deliver(envelope()) is None

    async def test_no_error_holds_the_path_or_the_secret(self, server):
        said = []
        for answer in (status(500), status(302), status(404), server.drop, status(410)):
            server.answers.append(answer)
            said.append(repr(await refused(server, error=(SinkError, SinkRejected))))

        assert [] == [text for text in said if "geheim" in text or NEW_SECRET in text or "hook/" in text]
