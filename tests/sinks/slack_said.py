"""What Slack says of people: payloads as it sends them, and its signature."""

import hashlib
import hmac
from urllib.parse import urlencode

import orjson


def interaction(button, *, user="U0TANTOU", channel="C0123", ts="1700000000.000000"):
    """Return the payload of a press on a button of `blocks`."""
    action = {"type": "button", "block_id": "b1", "action_ts": "1700000060.123456", **button}
    return {
        "type": "block_actions",
        "user": {"id": user, "username": "tantou", "name": "tantou", "team_id": "T0"},
        "team": {"id": "T0", "domain": "example"},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "cs"},
        "actions": [action],
    }


def event(**changes):
    """Return the payload of a reply in a thread, its message changed."""
    message = {
        "type": "message",
        "user": "U0TANTOU",
        "text": "電話しました",
        "channel": "C0123",
        "ts": "1700000060.123456",
        "thread_ts": "1700000000.000000",
        "channel_type": "channel",
    }
    return {"type": "event_callback", "team_id": "T0", "event_id": "Ev0", "event": message | changes}


def form(payload):
    """Return the body of an interaction."""
    return urlencode({"payload": orjson.dumps(payload).decode()}).encode()


def signed(secret, body, at):
    """Return the headers with which Slack sends a body."""
    base = b"v0:%d:%s" % (at, body)
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}
