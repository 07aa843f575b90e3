"""HubSpot: a task for each case, upserted by a unique property; calls that wait go as one batch."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import accumulate
from typing import Any

from msgspec import Struct

from stream_app.core.alerts import Severity
from stream_app.core.notify.message import Place
from stream_app.core.routing import AddressKind, Target
from stream_app.settings.sinks import HubSpotSettings
from stream_app.sinks.base import Envelope, SinkError, SinkRejected
from stream_app.sinks.batches import Batches
from stream_app.sinks.http import CLOCK, Answer, Clock, HttpClient, decoded, failure, quoted, readable
from stream_app.sinks.tasks import Task, cut, task_of, written

WHO = "HubSpot"
MOST_RECORDS = 100
MAX_BODY_TEXT = 65_536

_PRIORITY = {Severity.HIGH: "HIGH", Severity.MEDIUM: "MEDIUM", Severity.LOW: "LOW"}
_CONFLICT, _MOVING = 409, 477  # two writers at once; the account is being moved to another data centre
_PASSING = frozenset({"CONFLICT", "RATE_LIMITS", "INTERNAL_ERROR"})
_WAIT = 10.0  # seconds: the window that all limits but the daily one are counted in
_WAIT_DAILY = 15 * 60.0  # as long as is waited at most

_Input = dict[str, Any]


class _Failure(Struct, frozen=True, kw_only=True, rename="camel"):
    category: str = ""
    message: str = ""
    policy_name: str = ""  # of the limit that was reached


class _Context(Struct, frozen=True, kw_only=True, rename="camel"):
    object_write_trace_id: tuple[str, ...] = ()


class _Error(Struct, frozen=True, kw_only=True):
    category: str = ""
    message: str = ""
    context: _Context = _Context()


class _Result(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    object_write_trace_id: str | None = None
    properties: dict[str, str | None] = {}


class _Upserted(Struct, frozen=True, kw_only=True):
    results: tuple[_Result, ...] = ()
    errors: tuple[_Error, ...] = ()


class _Owner(Struct, frozen=True, kw_only=True):
    id: str


class _Owners(Struct, frozen=True, kw_only=True):
    results: tuple[_Owner, ...]


class HubSpot:
    """The sink. Owner, status and due date are set when a task is made, and people's to change from then on."""

    def __init__(self, settings: HubSpotSettings, *, timeout: float = 30.0, clock: Clock = CLOCK) -> None:
        self._settings = settings
        self._token = settings.token.get_secret_value()
        self._clock = clock
        self._http = HttpClient(WHO, timeout=timeout)
        self._batches: Batches[_Input, str] = Batches(self._upsert, most=MOST_RECORDS)

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Write the case's task, and return which one it is if it is new."""
        return await written(task_of(envelope), self._write)

    async def close(self) -> None:
        """Let go of connections."""
        await self._batches.close()
        await self._http.close()

    async def _write(self, task: Task) -> str:
        properties = {
            self._settings.external_id: task.case_id,
            "hs_task_subject": task.subject,
            "hs_task_body": _html(task.text),
            "hs_task_priority": _PRIORITY[task.severity],
        }
        if task.is_new:
            properties |= await self._of_a_new_one(task.target)
        one = {
            "id": task.case_id,
            "idProperty": self._settings.external_id,
            "objectWriteTraceId": task.case_id,
            "properties": properties,
        }
        return await self._batches.call(task.case_id, one)

    async def _of_a_new_one(self, target: Target) -> dict[str, str]:
        # HubSpot refuses a task without a due date: it is due when it is made.
        new = {"hs_task_status": "NOT_STARTED", "hs_task_type": "TODO", "hs_timestamp": str(int(self._clock() * 1000))}
        if target.kind is AddressKind.QUEUE:
            new["hs_queue_membership_ids"] = target.address
        elif target.kind is AddressKind.USER:
            new["hubspot_owner_id"] = await self._owner(target.address)
        return new

    async def _owner(self, address: str) -> str:
        if re.fullmatch(r"\d{1,20}", address, re.ASCII):
            return address
        answer = await self._asked("GET", "/crm/v3/owners", params={"email": address, "limit": "2"})
        found = decoded(answer, _Owners, WHO).results
        if len(found) != 1:
            how_many = "several" if found else "none"
            raise SinkRejected(f"{WHO} must have one owner {quoted(address, ())}, it has {how_many}")
        return found[0].id

    async def _upsert(self, inputs: Sequence[_Input]) -> Mapping[str, str | Exception]:
        answer = await self._asked("POST", "/crm/v3/objects/tasks/batch/upsert", json={"inputs": inputs})
        upserted = decoded(answer, _Upserted, WHO)
        done: dict[str, str | Exception] = {}
        for error in upserted.errors:
            named = error.context.object_write_trace_id or ((inputs[0]["id"],) if len(inputs) == 1 else ())
            done |= dict.fromkeys(named, self._failed(error))
        for result in upserted.results:
            done[result.object_write_trace_id or result.properties.get(self._settings.external_id) or ""] = result.id
        return done

    async def _asked(self, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = await self._http.ask(method, f"{self._settings.api_url}{path}", headers=headers, **request)
        if answer.status not in {200, 201, 207}:
            raise self._failure(answer)
        return answer

    def _failure(self, answer: Answer) -> SinkError | SinkRejected:
        told = readable(answer, _Failure) or _Failure()
        said = quoted(f"{told.policy_name or told.category} {told.message}", (self._token,))
        error = failure(WHO, answer, self._clock(), said, again={_CONFLICT, _MOVING})
        if answer.status == 429 and isinstance(error, SinkError) and error.retry_after is None:
            error.retry_after = _WAIT_DAILY if told.policy_name == "DAILY" else _WAIT
        return error

    def _failed(self, error: _Error) -> SinkError | SinkRejected:
        why = f"{WHO} did not take it: {quoted(f'{error.category} {error.message}', (self._token,))}"
        return SinkError(why) if error.category in _PASSING else SinkRejected(why)


def _html(text: str) -> str:
    """Return a text as HTML that shows it as it is, of a length that HubSpot takes."""
    pieces = ["<br>" if char == "\n" else escape(char) for char in cut(text, MAX_BODY_TEXT)]
    lengths = accumulate(len(piece.encode("utf-16-le")) // 2 for piece in pieces)
    return "".join(piece for piece, length in zip(pieces, lengths, strict=True) if length <= MAX_BODY_TEXT)
