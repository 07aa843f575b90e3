"""Who may read the inbox: nobody from afar unless the settings say how they are known."""

import pytest

from stream_app.settings.inbox import InboxSettings

TOKEN = 'token = "0123456789abcdef"\n'
PROXY = 'proxy_header = "X-Forwarded-Email"\nproxy_from = ["10.0.0.0/8", "fd00::1", "::ffff:0:0/96"]\n'

REFUSED = [
    (
        'host = "0.0.0.0"',
        "file: inbox: host '0.0.0.0' is reachable from other machines: that needs a token or proxy_header",
    ),
    ('host = "inbox.example.com"', "file: inbox: host 'inbox.example.com' is reachable from other machines"),
    ('token = "0123456789abcde"', "file: inbox: token must have at least 16 characters"),
    ('proxy_header = "X-Forwarded-Email"', "file: inbox: proxy_header and proxy_from belong together"),
    ('proxy_from = ["10.0.0.1"]', "file: inbox: proxy_header and proxy_from belong together"),
    ('proxy_from = ["10.0.0.1/8"]', "file: inbox.proxy_from.0: 10.0.0.1/8 has host bits set"),
    ('proxy_header = "X Forwarded"', "file: inbox.proxy_header: "),
    ("prot = 1", "file: inbox.prot: no such setting; did you mean inbox.port?"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_refused_with_where_and_what_is_allowed(refusal, text, expected):
    found = refusal(f"[inbox]\n{text}")

    assert expected == found[: len(expected)]
    assert "0123456789abcde" not in found


@pytest.mark.parametrize("guard", [TOKEN, PROXY])
def test_with_a_guard_it_may_be_reached_from_other_machines(written, guard):
    assert written(f'[inbox]\nhost = "0.0.0.0"\n{guard}').inbox.guarded


BELIEVED = [
    ("10.1.2.3", True),
    ("::ffff:10.1.2.3", True),
    ("fd00::1", True),
    ("fd00::2", False),
    ("192.0.2.1", False),
    ("::ffff:192.0.2.1", False),
    ("127.0.0.1", False),
]


@pytest.mark.parametrize(("address", "expected"), BELIEVED)
def test_the_header_is_believed_from_these_addresses(written, address, expected):
    """One of IPv4 that is heard on an IPv6 socket is the same one."""
    assert expected == written(f"[inbox]\n{PROXY}").inbox.is_proxy(address)


def test_without_any_setting_it_is_for_this_machine():
    assert ("127.0.0.1", 6069, False) == (InboxSettings().host, InboxSettings().port, InboxSettings().guarded)
