"""Help pages that stand before alerts, found by a replay of files."""

import orjson

from stream_app.inputs import Files
from stream_app.replay import Outputs, replay
from stream_app.report import FaqGap
from stream_app.testing import builders
from tests.core.courses import EVERYTHING

SITE = "https://www.example.com"


def looks(customer, *pages):
    """Return looks of one customer, an hour apart."""
    for n, page in enumerate(pages):
        at, event_id = builders.at(n * 3600), f"{customer}-{n}"
        yield builders.page_view(event_id=event_id, customer_id=customer, occurred_at=at, url=SITE + page)


def test_a_replay_names_the_pages_that_did_not_help(tmp_path):
    """Two who gave up after the same article, one who came back to it, one who leaves without a word."""
    views = [
        *looks("c-1", "/help/invoices?utm_source=mail", "/account/cancel"),
        *looks("c-2", "/docs/api", "/help/invoices", "/account/cancel"),
        *looks("c-3", *["/help/export"] * 4),
        *looks("c-4", "/account/cancel"),
    ]
    path = tmp_path / "page-views.jsonl"
    path.write_bytes(b"".join(orjson.dumps(view) + b"\n" for view in views))

    report = replay(Files(page_views=(path,)).lines(1_800_000_000_000), EVERYTHING, Outputs())
    expected = (
        FaqGap(page=f"{SITE}/help/invoices", alerts=2, share=0.5),
        FaqGap(page=f"{SITE}/help/export", alerts=1, share=0.25),
    )
    assert expected == report.faq_gaps
