"""The inbox over HTTP: the page, what it reads, and its two buttons; see docs/inbox-api.md."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from stream_app.codec.outputs import time_text
from stream_app.core.language import Language
from stream_app.core.notify.orders import Action
from stream_app.explain.run import explained, speaker_of
from stream_app.inbox.access import COOKIE, Access, Reader, names
from stream_app.inbox.acts import Acts
from stream_app.inbox.answers import Refused, answer, guarded, headed
from stream_app.inbox.cards import Fields
from stream_app.inbox.events import Following, events
from stream_app.inbox.hall import KEPT_DAYS, Hall
from stream_app.inbox.reading import Reading
from stream_app.inbox.timeline import timeline

MAX_BODY = 16_384
MAX_NAME = 256
PAGE = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

_Reads: TypeAlias = Callable[[web.Request, Reader], Awaitable[web.StreamResponse]]


class _Login(msgspec.Struct, frozen=True):
    token: str = ""
    who: str = ""


class Site:
    """Answers requests; `reading` fills the hall."""

    def __init__(self, hall: Hall, access: Access, acts: Acts, reading: Reading) -> None:
        self._hall = hall
        self._access = access
        self._acts = acts
        self._reading = reading
        self._following = Following(hall.stream)

    def app(self) -> web.Application:
        """Return what serves it."""
        app = web.Application(middlewares=[guarded], client_max_size=MAX_BODY)
        app.on_response_prepare.append(headed)
        app.add_routes([*_page(), *self._open(), *self._guarded()])
        return app

    def _open(self) -> list[web.RouteDef]:
        return [
            web.get("/livez", self._livez),
            web.get("/readyz", self._readyz),
            web.post("/login", self._login),
            web.post("/logout", self._logout),
            web.get("/api/me", self._read(self._me, up=False)),
        ]

    def _guarded(self) -> list[web.RouteDef]:
        return [
            web.get("/api/cases", self._read(self._list)),
            web.get("/api/cases/{id}", self._read(self._whole)),
            web.post("/api/cases/{id}/acknowledge", self._act(Action.ACKNOWLEDGE)),
            web.post("/api/cases/{id}/snooze", self._act(Action.SNOOZE)),
            web.get("/api/accounts/{account}/timeline", self._read(self._timeline)),
            web.get("/api/why", self._read(self._why)),
            web.get("/events", self._read(self._events)),
        ]

    def _read(self, reads: _Reads, *, up: bool = True) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            reader = self._access.reader(request)
            if reader is None:
                raise web.HTTPUnauthorized
            if up and not self._hall.up:
                raise Refused(503, "starting", done=round(self._reading.done, 2))
            return await reads(request, reader)

        return handler

    def _act(self, action: Action) -> Handler:
        async def act(request: web.Request, reader: Reader) -> web.Response:
            self._access.check_own(request)
            if not reader.acts:
                raise Refused(403, "nameless")
            case = self._hall.cases.get(request.match_info["id"])
            if case is None:
                raise web.HTTPNotFound
            said = await self._acts.act(case, action, reader)
            return answer(
                {"feedback_id": said.feedback_id, "action": said.action, "by": said.by, "at": time_text(said.at)}
            )

        return self._read(act)

    async def _livez(self, request: web.Request) -> web.Response:
        return web.Response(text="alive")

    async def _readyz(self, request: web.Request) -> web.Response:
        ready = self._hall.up and self._reading.connected
        return web.Response(text="ready") if ready else web.Response(text="starting", status=503)

    async def _login(self, request: web.Request) -> web.Response:
        self._access.check_own(request)
        try:
            asked = msgspec.json.decode(await request.read(), type=_Login)
        except (msgspec.DecodeError, RecursionError):
            raise web.HTTPBadRequest from None
        reader = self._access.login(asked.token, asked.who)
        if reader is None:
            raise web.HTTPUnauthorized
        said = answer(self._self(reader))
        secure = urlsplit(request.headers[hdrs.ORIGIN]).scheme == "https"
        self._access.let_in(said, reader, secure=secure)
        return said

    async def _logout(self, request: web.Request) -> web.Response:
        self._access.check_own(request)
        said = web.Response(status=204)
        said.del_cookie(COOKIE, path="/", samesite="Strict", httponly=True)
        return said

    async def _me(self, request: web.Request, reader: Reader) -> web.Response:
        return answer(self._self(reader))

    def _self(self, reader: Reader) -> Fields:
        settings = self._hall.settings
        return {
            **({"email": reader.email, "name": reader.name} if reader.email else {}),
            "language": self._language(reader.language),
            "timezone": reader.timezone or settings.hours.timezone,
            "acts": reader.acts,
            "logs_in": self._access.logs_in,
            "team": names(self._hall.desk.rules.people),
            "kept_days": KEPT_DAYS,
        }

    async def _list(self, request: web.Request, reader: Reader) -> web.Response:
        scope = request.query.get("scope", "team")
        if scope not in ("mine", "team"):
            raise web.HTTPBadRequest
        return answer(self._hall.list(reader.email if scope == "mine" else None))

    async def _whole(self, request: web.Request, reader: Reader) -> web.Response:
        case = self._hall.cases.get(request.match_info["id"])
        if case is None:
            raise web.HTTPNotFound
        return answer(self._hall.whole(case, reader.email))

    async def _timeline(self, request: web.Request, reader: Reader) -> web.Response:
        story = await self._hall.stories.of(_name(request.match_info["account"]))
        if not story.known:
            raise web.HTTPNotFound
        return answer(timeline(story, self._hall.desk.zone))

    async def _why(self, request: web.Request, reader: Reader) -> web.Response:
        language = self._language(request.query.get("language", "") or reader.language)
        story = await self._hall.stories.of(_name(request.query.get("customer", "")))
        speaker = speaker_of(self._hall.settings, language, story.now)
        return answer(explained(story, speaker, None, as_json=True).encode())

    async def _events(self, request: web.Request, reader: Reader) -> web.StreamResponse:
        return await events(request, self._following)

    def _language(self, asked: str) -> Language:
        primary = asked.partition("-")[0].lower()
        return Language(primary) if primary in {*Language} else self._hall.settings.notify.language


def _name(asked: str) -> str:
    if not 0 < len(asked) <= MAX_NAME:
        raise web.HTTPBadRequest
    return asked


def _page() -> list[web.RouteDef]:
    """Return the files of the page, each under its name: nothing else of the folder's place can be asked for."""
    files = [file for file in sorted(PAGE.glob("*")) if file.suffix in KINDS]
    return [web.get("/" if file.name == "index.html" else f"/{file.name}", _file(file)) for file in files]


def _file(file: Path) -> Handler:
    body, kind = file.read_bytes(), KINDS[file.suffix]

    async def page(request: web.Request) -> web.Response:
        headers = {hdrs.CACHE_CONTROL: "no-cache", hdrs.CONTENT_TYPE: f"{kind}; charset=utf-8"}
        return web.Response(body=body, headers=headers)

    return page
