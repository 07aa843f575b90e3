"""What Slack's answers mean: delivered, later, or never; and what an operator can do about the last."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError, hdrs

from stream_app.sinks.base import SinkError, SinkRejected
from stream_app.sinks.retry_after import retry_after

ROOT_GONE = frozenset({"thread_not_found", "cannot_reply_to_message"})

_PAUSE = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_LATER = frozenset(
    {
        "external_channel_migrating",
        "fatal_error",
        "internal_error",
        "request_timeout",
        "rollup_error",
        "service_unavailable",
        "team_added_to_org",
    }
)
_WORD = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_LATER_STATUS = frozenset({408, 425})
_NEW_TOKEN = "put a valid token into the settings"  # noqa: S105
_NEW_WEBHOOK = "make a new incoming webhook and put it into the settings"
_OURS = "this is a fault of this program: please report it"
_ROUTE = "name another channel in the route"
_REMEDIES = {
    "account_inactive": _NEW_TOKEN,
    "action_prohibited": "an administrator of the workspace must allow it",
    "cant_update_message": "only the app that posted the message can edit it",
    "channel_is_archived": _ROUTE,
    "channel_not_found": "correct the channel in the route, or invite the app to the private channel",
    "edit_window_closed": "the workspace no longer lets the message be edited",
    "invalid_auth": _NEW_TOKEN,
    "invalid_blocks": _OURS,
    "invalid_payload": _OURS,
    "invalid_token": _NEW_WEBHOOK,
    "is_archived": _ROUTE,
    "message_not_found": "somebody deleted the message",
    "missing_scope": "the app needs the scopes chat:write and users:read.email: add them and install it again",
    "msg_blocks_too_long": _OURS,
    "msg_too_long": _OURS,
    "no_active_hooks": _NEW_WEBHOOK,
    "no_service": _NEW_WEBHOOK,
    "not_authed": _NEW_TOKEN,
    "not_in_channel": "invite the app to the channel",
    "restricted_action": "an administrator of the workspace must let the app post there",
    "token_expired": _NEW_TOKEN,
    "token_revoked": _NEW_TOKEN,
    "users_not_found": "set `slack` of the person in the settings: nobody in Slack has this e-mail address",
}


class SlackRefused(SinkRejected):
    """Slack said no, with a word for it."""

    def __init__(self, word: str) -> None:
        super().__init__(
            f"Slack refuses: {word} ({_REMEDIES.get(word, 'see this word in the documentation of Slack')})"
        )
        self.word = word


def failure(status: int, text: str, headers: Mapping[str, str]) -> SinkError | SlackRefused:
    """Return what an answer means that does not say that it was done. `text`: a word of Slack's, if it gave one."""
    word = text if _WORD.fullmatch(text) else ""
    wait = retry_after(headers.get(hdrs.RETRY_AFTER, ""), time.time())
    said = word or f"HTTP {status}"
    if status == 429 or word in _PAUSE:
        return SinkError(f"Slack asks for a pause: {said}", retry_after=wait)
    if status >= 500 or status in _LATER_STATUS or word in _LATER:
        return SinkError(f"Slack cannot do it now: {said}", retry_after=wait)
    if status == 200 and not word:
        return SinkError("the answer is not one of Slack's", unsure=True)
    return SlackRefused(said)


@contextmanager
def network() -> Iterator[None]:
    """Turn what can happen on the way into SinkError. Of errors only the kind is told: their texts may hold a URL."""
    try:
        yield
    except (ClientConnectorError, ConnectionTimeoutError) as error:
        raise SinkError(f"Slack cannot be reached: {type(error).__name__}") from None
    except (ClientError, OSError, ValueError) as error:
        raise SinkError(f"no whole answer from Slack: {type(error).__name__}", unsure=True) from None
