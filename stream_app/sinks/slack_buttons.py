"""What a button carries, and what is heard when somebody presses one or writes in a thread."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import msgspec
from msgspec import Struct

from stream_app.core.events import SECOND, Micros
from stream_app.core.notify.orders import VERDICTS, Action
from stream_app.render.letters import Button
from stream_app.sinks.base import Envelope
from stream_app.sinks.judged import Judged, judged

PREFIX = "stream_app_"
"""Before a button's name in its `action_id`: what is ours among all that a workspace has."""

MENU = f"{PREFIX}{Button.VERDICT}"
"""The name of the menu, of which a verdict is chosen."""

_MAX_VALUE = 2_000
_TS = re.compile(r"([0-9]{1,11})\.([0-9]{6})", re.ASCII)
_SAID_BY_PEOPLE = frozenset({"", "file_share", "thread_broadcast"})


class Heard(Struct, frozen=True, kw_only=True):
    """What somebody did in Slack. Of a reply the case is not known, only the thread: `channel` and `thread_ts`.

    `ts` is the message whose button was pressed, or the reply itself; `at` is Slack's clock.
    """

    action: Action
    case_id: str = ""
    account: str = ""
    rule_id: str = ""
    alert_id: str = ""
    by: str  # Slack's id of the user
    name: str = ""
    channel: str
    ts: str
    thread_ts: str = ""
    at: Micros


Hear: TypeAlias = Callable[[Heard], Awaitable[None]]
"""What takes it; it is safe when this returns."""


class _User(Struct, frozen=True):
    id: str
    name: str = ""
    username: str = ""


class _Container(Struct, frozen=True):
    message_ts: str
    channel_id: str
    thread_ts: str = ""


class _Chosen(Struct, frozen=True):
    value: str


class _Pressed(Struct, frozen=True):
    action_id: str
    action_ts: str
    value: str = ""
    block_id: str = ""
    selected_option: _Chosen | None = None


class _Interaction(Struct, frozen=True, tag="block_actions"):
    user: _User
    container: _Container
    actions: list[_Pressed]


class _Reply(Struct, frozen=True, tag="message"):
    user: str
    channel: str
    ts: str
    thread_ts: str
    bot_id: str = ""
    subtype: str = ""


class _Event(Struct, frozen=True, tag="event_callback"):
    event: _Reply


def presses(envelope: Envelope) -> dict[str, str]:
    """Return the values of the buttons of a letter, by case; none for a case whose ids are too long for Slack."""
    values = {one.case_id: msgspec.json.encode(one).decode() for one in judged(envelope)}
    return {case_id: value for case_id, value in values.items() if len(value) <= _MAX_VALUE}


def pressed(payload: Mapping[str, object]) -> tuple[Heard, ...]:
    """Return what an interaction says; nothing if it is not one of our buttons."""
    try:
        said = msgspec.convert(payload, _Interaction)
    except msgspec.ValidationError:
        return ()
    return tuple(heard for one in said.actions if (heard := _heard(one, said)) is not None)


def _heard(one: _Pressed, said: _Interaction) -> Heard | None:
    try:
        action = _action(one)
        press = msgspec.json.decode(one.block_id if one.selected_option else one.value, type=Judged)
    except ValueError:  # of msgspec too
        return None
    at = _micros(one.action_ts)
    if at is None:
        return None
    return Heard(
        action=action,
        case_id=press.case_id,
        account=press.account,
        rule_id=press.rule_id,
        alert_id=press.alert_id,
        by=said.user.id,
        name=said.user.name or said.user.username,
        channel=said.container.channel_id,
        ts=said.container.message_ts,
        thread_ts=said.container.thread_ts,
        at=at,
    )


def _action(one: _Pressed) -> Action:
    """Return what was pressed or chosen; ValueError for what is not ours."""
    if one.selected_option is not None:
        action = Action(one.selected_option.value)
        if one.action_id != MENU or action not in VERDICTS:
            raise ValueError(one.action_id)
        return action
    if not one.action_id.startswith(PREFIX):
        raise ValueError(one.action_id)
    return Action(one.action_id.removeprefix(PREFIX))


def replied(payload: Mapping[str, object]) -> tuple[Heard, ...]:
    """Return what an event says; nothing if it is no reply that a person wrote in a thread."""
    try:
        reply = msgspec.convert(payload, _Event).event
    except msgspec.ValidationError:
        return ()
    at = _micros(reply.ts)
    if at is None or reply.bot_id or reply.subtype not in _SAID_BY_PEOPLE or reply.thread_ts == reply.ts:
        return ()
    heard = Heard(
        action=Action.REPLY, by=reply.user, channel=reply.channel, ts=reply.ts, thread_ts=reply.thread_ts, at=at
    )
    return (heard,)


def _micros(ts: str) -> Micros | None:
    """Return the moment that Slack's name of a message is made of."""
    found = _TS.fullmatch(ts)
    return int(found[1]) * SECOND + int(found[2]) if found else None
