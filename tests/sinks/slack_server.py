"""Slack as a program meets it: the Web API, an incoming webhook and Socket Mode, in the test process.

async with SlackServer() as slack:
    slack.script("chat.postMessage", rate_limited("30"), HANG)  # then it answers as usual
    ... SlackSettings(token="xoxb-1", api_url=slack.api_url)
    slack.calls("chat.postMessage")
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

WEBHOOK = "webhook"
SOCKET = "socket"  # the connection of Socket Mode, which an `Answer` can refuse
HANG = "hang"  # never answers
CLOSE = "close"  # closes the connection in the middle of the answer
FORGET = "forget"  # does it, and closes the connection before it answers


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is answered instead of the usual."""

    status: int = 200
    body: str = ""
    headers: dict = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Call:
    """What came: the method's name, its fields, the bearer's token, and when (a monotonic clock).

    `answer`: what was answered instead of the usual.
    """

    method: str
    fields: dict
    token: str
    at: float
    answer: object = None


def refused(word, status=200):
    """Return what Slack says when it does not."""
    return Answer(status=status, body=json.dumps({"ok": False, "error": word}))


def rate_limited(retry_after=None):
    """Return 429 with this `Retry-After`, without one if None."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status=429, body=json.dumps({"ok": False, "error": "ratelimited"}), headers=headers)


class SlackServer:
    """Records every call; `messages` are those that stand, by channel and ts, as last edited."""

    def __init__(self, people=None, port=0):
        self.people = people or {}  # Slack's ids by e-mail address
        self.received, self.messages, self.acknowledged = [], {}, []
        self.connections = 0
        self._port, self._scripts, self._always = port, defaultdict(deque), {}
        self._closing, self._changed = asyncio.Event(), asyncio.Condition()
        self._socket = None

    async def __aenter__(self):
        """Listen."""
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/api/{method}", self._api)
        app.router.add_post("/services/T0/B0/SECRET", self._webhook)
        app.router.add_get("/socket", self._connected)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_url, self.webhook_url = f"{self.url}/api", f"{self.url}/services/T0/B0/SECRET"
        return self

    async def __aexit__(self, *_):
        """Let go of all, also of who hangs."""
        self._closing.set()
        if self._socket is not None:
            await self._socket.close()
        await self._runner.cleanup()

    def script(self, method, *answers):
        """Answer the next calls of a method so, one each."""
        self._scripts[method].extend(answers)

    def always(self, method, answer=None):
        """Answer all calls of a method so from now on, None: as usual."""
        self._always[method] = answer

    def scripted(self):
        """Return how many of the answers that were scripted are left."""
        return sum(map(len, self._scripts.values()))

    def calm(self):
        """Answer all calls as usual from now on."""
        self._scripts.clear()
        self._always.clear()

    def calls(self, *methods):
        """Return the calls of these methods, of all if none is named."""
        return [call for call in self.received if not methods or call.method in methods]

    async def wait_for(self, holds):
        """Return when `holds()` does: asked after every call, connection and acknowledgement."""
        async with self._changed:
            await self._changed.wait_for(holds)

    async def say(self, kind, payload, envelope_id):
        """Send an envelope through the open socket."""
        await self._socket.send_json(
            {"type": kind, "envelope_id": envelope_id, "payload": payload, "accepts_response_payload": False}
        )

    async def drop_socket(self):
        """Break the open connection."""
        await self._socket.close()

    async def _note(self, change):
        async with self._changed:
            change()
            self._changed.notify_all()

    async def _api(self, request):
        method = request.match_info["method"]
        fields = await (request.json() if request.content_type == "application/json" else request.post())
        return await self._answered(request, method, dict(fields), self._usual)

    async def _webhook(self, request):
        return await self._answered(request, WEBHOOK, await request.json(), lambda *_: web.Response(text="ok"))

    async def _answered(self, request, method, fields, usual):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        answer = self._scripts[method].popleft() if self._scripts[method] else self._always.get(method)
        call = Call(method=method, fields=fields, token=token, at=time.monotonic(), answer=answer)
        await self._note(lambda: self.received.append(call))
        if answer == HANG:
            await self._closing.wait()
            return web.Response()
        if answer in (CLOSE, FORGET):
            return await self._broken_off(request, lambda: usual(method, fields) if answer == FORGET else None)
        if answer is None:
            return usual(method, fields)
        return web.Response(
            status=answer.status, text=answer.body, headers=answer.headers, content_type=answer.content_type
        )

    async def _broken_off(self, request, do):
        do()
        answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b'{"ok": ')
        request.transport.close()
        return answer

    def _usual(self, method, fields):
        match method:
            case "chat.postMessage":
                return self._posted(fields)
            case "chat.update":
                return self._updated(fields)
            case "users.lookupByEmail":
                return self._person(fields["email"])
            case "apps.connections.open":
                return web.json_response(
                    {"ok": True, "url": f"{self.url.replace('http', 'ws', 1)}/socket?ticket=T1CKET"}
                )
        return web.json_response({"ok": False, "error": "unknown_method"})

    def _posted(self, fields):
        channel = f"D{fields['channel']}" if fields["channel"].startswith(("U", "W")) else fields["channel"]
        ts = f"1700000000.{len(self.messages):06}"
        self.messages[channel, ts] = fields
        return web.json_response({"ok": True, "channel": channel, "ts": ts, "message": {}})

    def _updated(self, fields):
        place = fields["channel"], fields["ts"]
        if place not in self.messages:
            return web.json_response({"ok": False, "error": "message_not_found"})
        self.messages[place] = self.messages[place] | fields
        return web.json_response({"ok": True, "channel": place[0], "ts": place[1], "text": ""})

    def _person(self, email):
        if email not in self.people:
            return web.json_response({"ok": False, "error": "users_not_found"})
        return web.json_response({"ok": True, "user": {"id": self.people[email], "name": email}})

    async def _connected(self, request):
        if self._scripts[SOCKET]:
            return web.Response(status=self._scripts[SOCKET].popleft().status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket = socket
        await socket.send_json({"type": "hello"})
        await self._note(lambda: setattr(self, "connections", self.connections + 1))
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                said = json.loads(message.data)["envelope_id"]
                await self._note(lambda said=said: self.acknowledged.append(said))
        return socket
