"""The Slack bot against a server that answers as Slack does, on good days and on bad ones."""

import logging
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from msgspec.structs import replace

from stream_app.core.notify.message import Place
from stream_app.core.notify.parcels import Kind
from stream_app.settings.sinks import SlackSettings
from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.slack import Slack
from tests.sinks.slack_letters import MANY, NOTE, envelope, user, whole
from tests.sinks.slack_server import CLOSE, FORGET, HANG, Answer, SlackServer, rate_limited, refused

TOKEN = "xoxb-not-to-be-told"
POST = "chat.postMessage"
ROOT = Place(channel="C0123", id="1600000000.000001")


@pytest.fixture
async def slack():
    async with SlackServer(people={"tantou@example.co.jp": "U0TANTOU"}) as server:
        yield server


@pytest.fixture
async def sink(slack):
    settings = SlackSettings(token=TOKEN, api_url=slack.api_url, signing_secret="s")
    sink = Slack(settings, timeout=5)
    yield sink
    await sink.close()


def only(calls):
    [call] = calls
    return call


class TestWhatIsPosted:
    async def test_a_message_stands_where_slack_says(self, slack, sink):
        place = await sink.deliver(envelope(whole()))

        assert Place(channel="C0123", id="1700000000.000000") == place
        assert [(POST, TOKEN)] == [(call.method, call.token) for call in slack.calls()]

    async def test_nothing_is_parsed_unfurled_or_linked(self, slack, sink):
        await sink.deliver(envelope())
        fields = only(slack.calls()).fields
        expected = {
            "channel": "C0123",
            "text": "4時間たちました",
            "link_names": False,
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
            "mrkdwn": False,
            "metadata": {"event_type": "stream_app_message", "event_payload": {"parcel": "p-1"}},
        }

        assert expected == {key: value for key, value in fields.items() if key != "blocks"}

    @pytest.mark.parametrize("kind", [Kind.BUNDLE, Kind.DIGEST])
    async def test_the_place_of_many_is_shared(self, sink, kind):
        place = await sink.deliver(envelope(MANY, kind))

        assert Place(channel="C0123", id="1700000000.000000", shared=True) == place

    @pytest.mark.parametrize("loud", [True, False])
    async def test_a_reply_is_in_the_thread_and_heard_by_all_if_loud(self, slack, sink, loud):
        letter = type(NOTE)(language="ja", case_id="case-1", lines=("…",), loud=loud)
        place = await sink.deliver(envelope(letter, Kind.REMIND, place=ROOT))
        fields = only(slack.calls(POST)).fields

        assert Place(channel="C0123", id="1700000000.000000") == place
        assert ("C0123", ROOT.id, loud) == (fields["channel"], fields["thread_ts"], fields["reply_broadcast"])

    async def test_a_reply_without_its_root_is_a_message_of_its_own(self, slack, sink):
        slack.script(POST, refused("thread_not_found"))
        place = await sink.deliver(envelope(kind=Kind.ADD, place=ROOT))

        assert Place(channel="C0123", id="1700000000.000000") == place
        assert [True, False] == ["thread_ts" in call.fields for call in slack.calls(POST)]

    async def test_an_update_edits_the_message(self, slack, sink):
        place = await sink.deliver(envelope(whole()))
        nothing = await sink.deliver(envelope(kind=Kind.UPDATE, place=place))

        assert nothing is None
        assert {("C0123", place.id): "4時間たちました"} == {at: one["text"] for at, one in slack.messages.items()}

    @pytest.mark.parametrize("shared", [True, False])
    async def test_a_text_of_somebody_who_was_erased_is_overwritten_in_a_list_too(self, slack, sink, shared):
        place = await sink.deliver(envelope(whole()))
        await sink.deliver(envelope(kind=Kind.ERASE, place=replace(place, shared=shared)))

        assert {("C0123", place.id): "4時間たちました"} == {at: one["text"] for at, one in slack.messages.items()}

    @pytest.mark.parametrize("place", [None, Place(channel="C0123", id="1.000000", shared=True)])
    async def test_nothing_is_edited_that_is_not_the_messages_own(self, slack, sink, place):
        await sink.deliver(envelope(kind=Kind.UPDATE, place=place))

        assert [] == slack.calls()


class TestPeople:
    async def test_a_person_is_looked_up_once(self, slack, sink):
        for _ in range(2):
            place = await sink.deliver(envelope(target=user("tantou@example.co.jp")))

        assert ["users.lookupByEmail", POST, POST] == [call.method for call in slack.calls()]
        assert ["U0TANTOU"] * 2 == [call.fields["channel"] for call in slack.calls(POST)]
        assert "DU0TANTOU" == place.channel

    async def test_slacks_own_name_needs_no_look_up(self, slack, sink):
        await sink.deliver(envelope(target=user("W0123")))

        assert "W0123" == only(slack.calls()).fields["channel"]

    async def test_a_reply_to_a_person_goes_where_the_message_stands(self, slack, sink):
        place = await sink.deliver(envelope(target=user("U0123")))
        await sink.deliver(envelope(target=user("U0123"), kind=Kind.ADD, place=place))

        assert ["U0123", "DU0123"] == [call.fields["channel"] for call in slack.calls(POST)]

    async def test_who_is_not_in_slack_is_told_to_the_operator(self, sink):
        with pytest.raises(SinkRejected, match=r"users_not_found.*set `slack` of the person"):
            await sink.deliver(envelope(target=user("nobody@example.com")))

    async def test_who_mentions_are_is_looked_up_too_and_who_is_unknown_stays_text(self, slack, sink):
        names = ("tantou@example.co.jp", "nobody@example.com")
        for _ in range(2):
            await sink.deliver(envelope(whole(mentions=names)))
        first, second = slack.calls(POST)

        assert first.fields["text"].startswith("<@U0TANTOU> nobody@example.com ")
        assert first.fields == second.fields
        assert 2 == len(slack.calls("users.lookupByEmail"))

    async def test_a_look_up_without_an_answer_posted_nothing(self, slack, sink):
        slack.script("users.lookupByEmail", CLOSE)
        with pytest.raises(SinkError) as failed:
            await sink.deliver(envelope(target=user("tantou@example.co.jp")))

        assert not failed.value.unsure


async def failed(sink, **how):
    with pytest.raises(SinkError) as error:
        await sink.deliver(envelope(**how))
    return error.value


class TestNotNow:
    @pytest.mark.parametrize(
        ("header", "expected"),
        [("30", 30.0), (None, None), ("abc", None), ("-5", None), ("9" * 400, None), ("nan", None), ("86400", 86400.0)],
    )
    async def test_a_pause_is_as_long_as_slack_says(self, slack, sink, header, expected):
        slack.script(POST, rate_limited(header))
        error = await failed(sink)

        assert (expected, False) == (error.retry_after, error.unsure)

    async def test_a_pause_may_be_a_date(self, slack, sink):
        long_ago = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
        slack.script(POST, rate_limited(long_ago))

        assert 0.0 == (await failed(sink)).retry_after

    @pytest.mark.parametrize(
        "answer",
        [
            *(refused(word) for word in ("ratelimited", "internal_error", "fatal_error", "service_unavailable")),
            *(refused(word) for word in ("request_timeout", "team_added_to_org")),
            *(refused("internal_error", status) for status in (500, 502, 503, 504)),
            Answer(status=502, body="<html>", content_type="text/html"),
            Answer(status=503, body="no", content_type="text/plain"),
            Answer(status=500, body="{not json"),
        ],
        ids=lambda answer: f"{answer.status} {answer.body}",
    )
    async def test_what_slack_cannot_do_now_is_tried_again(self, slack, sink, answer):
        slack.script(POST, answer)
        error = await failed(sink)

        assert (False, None) == (error.unsure, error.retry_after)
        assert await sink.deliver(envelope()) is not None

    @pytest.mark.parametrize(
        "answer",
        [
            CLOSE,
            FORGET,
            Answer(body="<html>", content_type="text/html"),
            Answer(body="ok", content_type="text/plain"),
            Answer(body="[1]"),
            Answer(body='"ok"'),
            Answer(body="{not json"),
            Answer(body=""),
            Answer(body="x", content_type="application/gzip"),
        ],
        ids=str,
    )
    async def test_without_a_whole_answer_it_may_have_arrived(self, slack, sink, answer):
        slack.script(POST, answer)

        assert (await failed(sink)).unsure

    async def test_a_server_that_never_answers_is_not_waited_for(self, slack):
        slack.script(POST, HANG)
        sink = Slack(SlackSettings(token=TOKEN, api_url=slack.api_url), timeout=0.3)
        error = await failed(sink)
        await sink.close()

        assert error.unsure

    async def test_an_update_may_be_said_twice_and_is_never_unsure(self, slack, sink):
        slack.script("chat.update", CLOSE)

        assert not (await failed(sink, kind=Kind.UPDATE, place=ROOT)).unsure

    async def test_where_nobody_listens_nothing_arrived(self):
        sink = Slack(SlackSettings(token=TOKEN, api_url="http://127.0.0.1:1"), timeout=5)
        error = await failed(sink)
        await sink.close()

        assert not error.unsure


class TestNever:
    @pytest.mark.parametrize(
        ("word", "advice"),
        [
            ("channel_not_found", "channel"),
            ("is_archived", "another channel"),
            ("not_in_channel", "invite"),
            ("invalid_auth", "token"),
            ("token_revoked", "token"),
            ("invalid_blocks", "report"),
            ("msg_too_long", "report"),
            ("missing_scope", "chat:write"),
            ("something_new", "documentation of Slack"),
        ],
    )
    async def test_a_refusal_has_slacks_word_and_what_to_do(self, slack, sink, word, advice):
        slack.script(POST, refused(word))
        with pytest.raises(SinkRejected, match=rf"{word} .*{advice}"):
            await sink.deliver(envelope())

        assert {} == slack.messages

    @pytest.mark.parametrize("word", ["message_not_found", "cant_update_message", "edit_window_closed"])
    async def test_what_cannot_be_edited_is_refused(self, slack, sink, word):
        slack.script("chat.update", refused(word))
        with pytest.raises(SinkRejected, match=word):
            await sink.deliver(envelope(kind=Kind.UPDATE, place=ROOT))

    async def test_a_status_is_named_where_there_is_no_word(self, slack, sink):
        slack.script(POST, Answer(status=403, body="<html>", content_type="text/html"))
        with pytest.raises(SinkRejected, match="HTTP 403"):
            await sink.deliver(envelope())


@pytest.mark.parametrize("answer", [refused("invalid_auth"), refused("internal_error", 500), CLOSE, rate_limited()])
async def test_the_token_is_never_told(slack, sink, answer, caplog):
    caplog.set_level(logging.DEBUG)
    slack.script(POST, answer)
    with pytest.raises((SinkError, SinkRejected)) as error:
        await sink.deliver(envelope())

    assert TOKEN not in f"{error.value!r}{error.value.__cause__!r}{caplog.text}"


async def test_nothing_is_taken_from_the_environment(slack, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    sink = Slack(SlackSettings(token=TOKEN, api_url=slack.api_url), timeout=5)
    await sink.deliver(envelope())
    await sink.close()

    assert 1 == len(slack.messages)


def test_without_a_way_in_there_is_no_sink():
    with pytest.raises(ValueError, match="token or webhook_url"):
        Slack(SlackSettings())
