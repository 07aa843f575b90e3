"""Salesforce: a task for each case, upserted by a unique external id; calls that wait go as one composite batch."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from stream_app.core.alerts import Severity
from stream_app.core.notify.message import Place
from stream_app.core.routing import AddressKind, Target
from stream_app.settings.sinks import SalesforceSettings
from stream_app.sinks.base import Envelope, SinkError, SinkRejected
from stream_app.sinks.batches import Batches
from stream_app.sinks.http import CLOCK, Answer, Clock, HttpClient, decoded, failure, quoted, readable
from stream_app.sinks.salesforce_login import WHO, Login, Session
from stream_app.sinks.tasks import Task, cut, task_of, written

MOST_RECORDS = 200
MAX_DESCRIPTION = 32_000

_PRIORITY = {Severity.HIGH: "High", Severity.MEDIUM: "Normal", Severity.LOW: "Low"}
_PASSING = frozenset(
    {"UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"},
)
_USER_ID = re.compile(r"005[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_QUEUE_ID = re.compile(r"00G[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")

_Record = dict[str, Any]


class _Error(Struct, frozen=True, kw_only=True, rename="camel"):
    status_code: str = ""  # of an item
    error_code: str = ""  # of a whole answer
    message: str = ""


class _Result(Struct, frozen=True, kw_only=True):
    success: bool
    id: str | None = None
    errors: tuple[_Error, ...] = ()


class _Found(Struct, frozen=True, kw_only=True, rename="pascal"):
    id: str


class _Query(Struct, frozen=True, kw_only=True):
    records: tuple[_Found, ...]


class Salesforce:
    """The sink. A task's owner is set when it is made, its status never: new ones get the organisation's default."""

    def __init__(self, settings: SalesforceSettings, *, timeout: float = 30.0, clock: Clock = CLOCK) -> None:
        self._settings = settings
        self._clock = clock
        self._http = HttpClient(WHO, timeout=timeout)
        self._login = Login(settings, self._http, clock)
        self._batches: Batches[_Record, str] = Batches(self._upsert, most=MOST_RECORDS)

    async def deliver(self, envelope: Envelope) -> Place | None:
        """Write the case's task, and return which one it is if it is new."""
        return await written(task_of(envelope), self._write)

    async def close(self) -> None:
        """Let go of connections."""
        await self._batches.close()
        await self._http.close()

    async def _write(self, task: Task) -> str:
        return await self._batches.call(task.case_id, await self._record(task))

    async def _record(self, task: Task) -> _Record:
        record: _Record = {
            "attributes": {"type": "Task"},
            self._settings.external_id: task.case_id,
            "Subject": task.subject,
            "Description": cut(task.text, MAX_DESCRIPTION),
            "Priority": _PRIORITY[task.severity],
        }
        if self._settings.account_id_field and task.account_id:
            record[self._settings.account_id_field] = task.account_id
        if task.is_new and task.target.address:
            record["OwnerId"] = await self._owner(task.target)
        return record

    async def _owner(self, target: Target) -> str:
        is_queue = target.kind is AddressKind.QUEUE
        if (_QUEUE_ID if is_queue else _USER_ID).fullmatch(target.address):
            return target.address
        name = _literal(target.address)
        people = f"FROM User WHERE Email = {name} AND IsActive = true"
        queues = f"FROM Group WHERE Type = 'Queue' AND (DeveloperName = {name} OR Name = {name})"
        query = f"SELECT Id {queues if is_queue else people} LIMIT 2"
        answer = await self._asked("GET", "query", params={"q": query})
        found = decoded(answer, _Query, WHO).records
        if len(found) != 1:
            kind, how_many = "queue" if is_queue else "active user", "several" if found else "none"
            raise SinkRejected(f"{WHO} must have one {kind} {quoted(target.address, ())}, it has {how_many}")
        return found[0].id

    async def _upsert(self, records: Sequence[_Record]) -> Mapping[str, str | Exception]:
        field = self._settings.external_id
        body = {"allOrNone": False, "records": records}
        answer = await self._asked("PATCH", f"composite/sobjects/Task/{field}", json=body)
        results = decoded(answer, list[_Result], WHO)
        if len(results) != len(records):
            raise SinkError(f"{WHO} answered {len(results)} results for {len(records)} records", unsure=True)
        return {
            record[field]: result.id if result.success and result.id else self._failed(result)
            for record, result in zip(records, results, strict=True)
        }

    async def _asked(self, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401
        """Return a good answer; a token that is no longer one is renewed once."""
        session = await self._login.session()
        answer = await self._once(session, method, path, **request)
        if answer.status == 401:
            session = await self._login.session(stale=session)
            answer = await self._once(session, method, path, **request)
        if answer.status != 200:
            raise self._failure(answer)
        return answer

    async def _once(self, session: Session, method: str, path: str, **request: Any) -> Answer:  # noqa: ANN401
        url = session.url / "services/data" / self._settings.api_version / path
        return await self._http.ask(method, str(url), headers={"Authorization": f"Bearer {session.token}"}, **request)

    def _failure(self, answer: Answer) -> SinkError | SinkRejected:
        errors = readable(answer, list[_Error]) or []
        why = "several records have the same external id" if answer.status == 300 else ""
        said = "; ".join(f"{one.error_code} {one.message}" for one in errors)
        passing = any(one.error_code in _PASSING for one in errors)
        again = (answer.status,) if passing else ()
        return failure(WHO, answer, self._clock(), why or quoted(said, self._login.secrets()), again=again)

    def _failed(self, result: _Result) -> SinkError | SinkRejected:
        said = "; ".join(f"{one.status_code} {one.message}" for one in result.errors)
        why = f"{WHO} did not take it: {quoted(said, self._login.secrets())}"
        return SinkError(why) if all(map(self._passes, result.errors)) else SinkRejected(why)

    def _passes(self, error: _Error) -> bool:
        """Tell what another try may cure: of two writers that made the same task at once, one was too late."""
        too_late = error.status_code == "DUPLICATE_VALUE" and self._settings.external_id in error.message
        return too_late or error.status_code in _PASSING


def _literal(text: str) -> str:
    """Return a text as SOQL has it in quotes."""
    escaped = "".join(f"\\{char}" if char in "\\'" else char for char in text if char.isprintable())
    return f"'{escaped}'"
