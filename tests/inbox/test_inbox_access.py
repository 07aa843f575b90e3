"""Who may read and who may act; that another site can do neither."""

import pytest

from stream_app.core.notify.orders import Action
from stream_app.inbox.access import LOGIN_LASTS
from stream_app.inbox.answers import POLICY
from tests.inbox.inbox_cases import AT, OWNER, alert
from tests.inbox.inbox_server import TOKEN, inbox

CASE = alert(1).alert_id
READS = [
    "/api/me",
    "/api/cases",
    f"/api/cases/{CASE}",
    "/api/accounts/a-1/timeline",
    "/api/why?customer=c-1",
    "/events",
]
DOES = f"/api/cases/{CASE}/acknowledge"
PROXY = {"proxy_header": "X-Forwarded-Email", "proxy_from": ("127.0.0.1/32",)}
FAR = {"proxy_header": "X-Forwarded-Email", "proxy_from": ("192.0.2.0/24",)}


async def test_nothing_is_told_to_who_has_not_logged_in():
    """Not with a wrong token, a changed cookie, or a header that nobody was told to believe."""
    async with inbox(token=TOKEN) as server:
        for path in READS:
            assert (401, {"error": "login"}) == await server.get(path, **{"X-Forwarded-Email": OWNER})
        assert (401, {"error": "login"}) == await server.post(DOES, **server.own)
        assert (401, {"error": "login"}) == await server.login("another-token-of-16")
        assert (401, {"error": "login"}) == await server.login("", OWNER)
        assert (401, {"error": "login"}) == await server.login(TOKEN, "nobody@example.com")
        await server.login()
        (cookie,) = server.session.cookie_jar
        until, who, signature = cookie.value.split(".")
        server.session.cookie_jar.clear()
        for forged in (f"{int(until) + 1}.{who}.{signature}", f"{until}.{who}", f"..{signature}", "x", "é.é.é"):
            header = f"stream-app-inbox={forged}"
            assert (401, {"error": "login"}) == await server.get("/api/me", Cookie=header)
        assert [] == server.kept.said


async def test_who_logged_in_reads_and_acts_under_a_name_until_the_login_is_over():
    """The cookie is out of reach of scripts and of other sites; it ends by itself, and by logging out."""
    now = [1_000_000.0]
    async with inbox(token=TOKEN, clock=lambda: now[0]) as server:
        status, me = await server.login()
        (cookie,) = server.session.cookie_jar
        assert (200, OWNER, "Tantou", True) == (status, me["email"], me["name"], me["acts"])
        assert (True, "Strict", "/") == (cookie["httponly"], cookie["samesite"], cookie["path"])

        assert 200 == (await server.get("/api/cases"))[0]
        status, said = await server.post(DOES, **server.own)
        assert (200, "acknowledge", "Tantou") == (status, said["action"], said["by"])
        (kept,) = server.kept.said
        assert ("Tantou", Action.ACKNOWLEDGE, CASE, "a-1", (CASE,), "budget.review", AT) == (
            kept.by,
            kept.action,
            kept.case_id,
            kept.account,
            kept.alert_ids,
            kept.rule_id,
            kept.at,
        )

        now[0] += LOGIN_LASTS
        assert 401 == (await server.get("/api/cases"))[0]
        await server.login()
        await server.post("/logout", **server.own)
        assert 401 == (await server.get("/api/cases"))[0]


OTHERS = [
    {"X-Stream-App": "inbox"},  # no origin
    {"X-Stream-App": "inbox", "Origin": "https://www.example.com"},
    {"X-Stream-App": "inbox", "Origin": "null"},
    {"Origin": "{address}"},  # no header of ours
    {"X-Stream-App": "inbox", "Origin": "{address}", "Sec-Fetch-Site": "cross-site"},
    {"X-Stream-App": "inbox", "Origin": "{address}0"},
]


@pytest.mark.parametrize("headers", OTHERS)
async def test_another_site_cannot_act_for_who_is_logged_in(headers):
    """Neither by a form, nor by a script."""
    async with inbox(token=TOKEN) as server:
        await server.login()
        given = {name: value.format(address=server.address) for name, value in headers.items()}

        for path in (DOES, "/login", "/logout"):
            assert (403, {"error": "refused"}) == await server.post(path, **given)
        assert [] == server.kept.said


BELIEVED = [
    (PROXY, {"X-Forwarded-Email": OWNER}, 200, OWNER),
    (PROXY, {"X-Forwarded-Email": " TANTOU@example.co.jp "}, 200, OWNER),
    (PROXY, {"X-Forwarded-Email": "new@example.com"}, 200, "new@example.com"),
    (PROXY, {"X-Forwarded-Email": ""}, 401, None),
    (PROXY, {"X-Forwarded-Email": "x" * 300}, 401, None),
    (PROXY, {}, 401, None),
    (PROXY, {"X-Forwarded-User": OWNER}, 401, None),
    (FAR, {"X-Forwarded-Email": OWNER}, 401, None),
]


@pytest.mark.parametrize(("settings", "headers", "status", "email"), BELIEVED)
async def test_a_proxy_is_believed_from_where_the_settings_say(settings, headers, status, email):
    """And nobody else, whatever they send; a cookie that anybody could sign counts for nothing there."""
    async with inbox() as open_:
        await open_.login("", OWNER)
        (cookie,) = open_.session.cookie_jar
    async with inbox(**settings) as server:
        found, me = await server.get("/api/me", Cookie=f"{cookie.key}={cookie.value}", **headers)

        assert (status, email) == (found, me.get("email"))
        assert 401 == (await server.login("", OWNER))[0]


async def test_two_names_of_a_proxy_are_none():
    """Of a header that stands there twice one may be the reader's own."""
    async with (
        inbox(**PROXY) as server,
        server.session.get(
            server.address + "/api/me", headers=[("X-Forwarded-Email", OWNER), ("X-Forwarded-Email", "b@example.com")]
        ) as answer,
    ):
        assert 401 == answer.status


async def test_where_nobody_is_asked_only_this_machine_by_its_own_name_is_let_in():
    """A name of another site that leads here is refused; without a name nobody acts."""
    async with inbox() as server:
        assert (403, {"error": "refused"}) == await server.get("/api/cases", Host="www.example.com")
        status, me = await server.get("/api/me")
        assert (200, False, None) == (status, me["acts"], me.get("email"))
        assert (403, {"error": "nameless"}) == await server.post(DOES, **server.own)
        await server.login("", OWNER)
        assert 200 == (await server.post(DOES, **server.own))[0]


async def test_before_all_is_read_it_is_said_how_far_it_is():
    """The page shows it; the probe says that it is not ready."""
    async with inbox(up=False) as server:
        assert (503, {"error": "starting", "done": 0.0}) == await server.get("/api/cases")
        assert (503, {"error": "starting", "done": 0.0}) == await server.get("/events")
        assert 200 == (await server.get("/api/me"))[0]
        assert (200, "alive") == await server.get("/livez")
        assert 503 == (await server.get("/readyz"))[0]


WRONG = [
    ("/api/cases?scope=all", 400, "wrong"),
    ("/api/cases/none", 404, "unknown"),
    ("/api/why", 400, "wrong"),
    (f"/api/why?customer={'x' * 300}", 400, "wrong"),
    ("/../run.py", 404, "unknown"),
    ("/%2e%2e/run.py", 404, "unknown"),
]


@pytest.mark.parametrize(("path", "status", "word"), WRONG)
async def test_what_cannot_be_answered_is_refused_in_a_word(path, status, word):
    """Nothing of the program is told."""
    async with inbox() as server:
        assert (status, {"error": word}) == await server.get(path)


async def test_a_body_that_is_none_is_refused():
    """Too large, no JSON, or other than a login."""
    async with inbox() as server:
        for body in ([], {"token": 1}, {"token": "\ud800"}, {"token": "x" * 20_000}):
            status, said = await server.post("/login", body, **server.own)
            assert "wrong" == said["error"], (status, body)


async def test_every_answer_says_what_a_browser_may_do_with_it():
    """Also one that refuses; what is of customers is kept nowhere."""
    async with inbox(token=TOKEN) as server:
        for path in ("/api/cases", "/livez", "/nothing"):
            async with server.session.get(server.address + path) as answer:
                headers = answer.headers
            assert (POLICY, "nosniff", "no-referrer", "no-store") == (
                headers["Content-Security-Policy"],
                headers["X-Content-Type-Options"],
                headers["Referrer-Policy"],
                headers["Cache-Control"],
            )
