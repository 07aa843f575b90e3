"""Three customers to be asked about: of one somebody was told, of one nobody on purpose, of one there was nothing."""

import orjson

from stream_app.cli import main
from stream_app.testing import builders

SITE = "https://www.stream-app.example"
SETTINGS = """
feeds = ["page-views", "customers"]
[hours]
timezone = "Asia/Tokyo"
[people."cs-1@example.co.jp"]
name = "見本 担当"
slack = "U0TANTOU"
[[routes]]
name = "owners"
sink = "slack"
user = "owner"
[fallback]
sink = "slack"
channel = "#cs"
"""
HOUR = 3600.0
DAY = 24 * HOUR
MORNING = -10 * HOUR  # 11:00 in Tokyo
EVENING = -1.5 * HOUR  # 19:30, when nobody reads

TOLD, HELD, SILENT = "c-00001", "c-00002", "c-00003"


def person(number, **fields):
    """Return the profile of one of them, of an account of their own."""
    return builders.customer(
        customer_id=f"c-0000{number}",
        account_id=f"a-000{number}",
        name=f"担当者 0000{number}",
        occurred_at=builders.at(-9 * DAY),
        **fields,
    )


def view(number, customer, seconds, path, title="", **fields):
    """Return a view, so many seconds after noon in UTC."""
    return builders.page_view(
        event_id=f"v-{number}",
        customer_id=customer,
        occurred_at=builders.at(seconds),
        url=SITE + path,
        title=title,
        **fields,
    )


PROFILES = [person(1), person(2, stage="lead"), person(3)]
VIEWS = [
    view(1, TOLD, EVENING, "/app/projects", "プロジェクト一覧"),
    view(2, TOLD, EVENING + 60, "/app/projects", "プロジェクト一覧"),
    view(3, TOLD, EVENING + 300, "/account/cancel", "解約のお手続き"),
    view(4, TOLD, EVENING + 480, "/account/cancel", "解約のお手続き"),
    view(5, HELD, MORNING, "/pricing", "ご利用料金"),
    view(6, HELD, MORNING + 600, "/docs/sso", "SSO 設定"),
    view(7, SILENT, MORNING, "/help/export", "書き出しの手順"),
    view(8, SILENT, MORNING + 600, "/help/export", "書き出しの手順"),
    view(9, SILENT, MORNING + 900, "/news", "お知らせ"),
    view(10, SILENT, DAY, "/news", "お知らせ"),
]


def folder_of(folder, views=VIEWS, profiles=PROFILES, settings=SETTINGS):
    """Return the folder with everything in it as files."""
    write(folder / "views.jsonl", views)
    write(folder / "customers.jsonl", profiles)
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    return folder


def write(path, documents):
    """Write documents as JSON lines."""
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in documents))
    return path


def asked(folder, name, *more):
    """Return the arguments that ask about somebody out of these files."""
    files = ("--page-views", f"{folder}/views.jsonl", "--customers", f"{folder}/customers.jsonl")
    return ["--config", f"{folder}/settings.toml", "explain", name, *files, *more]


def said(capsys, folder, name, *more):
    """Return the exit code and what was printed on standard output."""
    code = main(asked(folder, name, *more))
    return code, capsys.readouterr().out


def section(text, title):
    """Return the lines under a title, without their dashes."""
    after = text.partition(f"\n■ {title}\n")[2]
    return [line.removeprefix("- ") for line in after.partition("\n\n")[0].splitlines()]
