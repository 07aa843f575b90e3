"""A small server that speaks the interface of the inbox, told by a test what happens next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import orjson
from aiohttp import web

import stream_app
from tests.inbox_page.cases import ME, at, case, timeline

PAGE = Path(stream_app.__file__).parent / "inbox" / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Desk:
    """What the server knows: cards by id, and the events it told since it began."""

    def __init__(self, cards, me=ME, token=""):
        self.cards = {one["id"]: one for one in cards}
        self.me, self.token, self.let_in, self.now = me, token, not token, at(0)
        self.events: list[tuple[str, dict[str, object]]] = []
        self.forgets, self.shut, self.refuses = False, False, False
        self.asked: list[tuple[str, str]] = []
        self.resumed: list[str] = []
        self._streams: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()

    async def tell(self, kind, told):
        """Let something happen, and tell it to who follows."""
        if kind == "card":
            self.cards[told["id"]] = told
        if kind == "gone":
            self.cards.pop(told["id"])
        self.events.append((kind, told))
        async with self._news:
            self._news.notify_all()

    async def cut(self):
        """Break all streams, and take none until `shut` is lifted."""
        self.shut = True
        for one in [*self._streams]:
            one.cancel()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Serve for as long as the block runs; yield the address."""
        app = web.Application(middlewares=[self._guarded])
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/events", self._follow),
                web.get("/api/me", self._me),
                web.get("/api/cases", self._cases),
                web.get("/api/cases/{id}", self._case),
                web.get("/api/accounts/{account}/timeline", self._timeline),
                web.get("/api/why", self._why),
                web.post("/login", self._login),
                web.post("/api/cases/{id}/{deed}", self._act),
                web.static("/", PAGE),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await self.cut()
            await runner.cleanup()

    @web.middleware
    async def _guarded(self, request, handler):
        if not self.let_in and request.path.startswith(("/api/", "/events")):
            return _json({"error": "login"}, 401)
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Content-Security-Policy"] = POLICY
            answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    async def _page(self, _):
        return web.FileResponse(PAGE / "index.html")

    async def _me(self, _):
        return _json(self.me)

    async def _login(self, request):
        given = await request.json()
        if self.token and given.get("token") != self.token:
            return _json({"error": "login"}, 401)
        self.let_in = True
        return _json(self.me)

    async def _cases(self, request):
        cards = [
            one for one in self.cards.values() if request.query["scope"] == "team" or self.me["email"] in one["readers"]
        ]
        return _json({"as_of": f"1-{len(self.events)}", "now": self.now, "cards": cards})

    async def _case(self, request):
        found = self.cards.get(request.match_info["id"])
        return _json(case(found)) if found else _json({"error": "unknown"}, 404)

    async def _timeline(self, request):
        return _json(timeline(request.match_info["account"]))

    async def _why(self, request):
        language = request.query["language"]
        text = {"ja": "お知らせしていません。", "en": "You were not told."}[language] + request.query["customer"]
        return _json({"answer": {"is": "nothing", "text": [text]}, "timeline": []})

    async def _act(self, request):
        if request.headers.get("X-Stream-App") != "inbox":
            return _json({"error": "refused"}, 403)
        if self.refuses:
            return _json({"error": "kafka"}, 503)
        self.asked.append((request.match_info["id"], request.match_info["deed"]))
        return _json({"action": request.match_info["deed"], "by": self.me["name"]})

    async def _follow(self, request):
        if self.shut:
            return web.Response(status=503)
        after = request.headers.get("Last-Event-ID") or request.query["after"]
        self.resumed.append(after)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        task = asyncio.create_task(self._feed(stream, int(after.partition("-")[2])))
        self._streams.add(task)
        with suppress(asyncio.CancelledError, ConnectionError):
            await task
        self._streams.discard(task)
        return stream

    async def _feed(self, stream, said):
        await stream.write(b"retry: 100\n\n")
        if self.forgets:
            self.forgets, said = False, len(self.events)
            await stream.write(_event(said, "reset", {}))
        while True:
            for number in range(said, len(self.events)):
                await stream.write(_event(number + 1, *self.events[number]))
            said = len(self.events)
            async with self._news:
                await self._news.wait_for(lambda: len(self.events) > said)  # noqa: B023  (asked within this turn)


def _json(told, status=200):
    return web.json_response(text=orjson.dumps(told).decode(), status=status)


def _event(number, kind, told):
    return f"id: 1-{number}\nevent: {kind}\ndata: {orjson.dumps(told).decode()}\n\n".encode()
