"""One TOML file and the environment make one frozen value; everything else is refused in words."""

import re
import ssl
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from stream_app.core.events import DAY, HOUR, MINUTE, SECOND
from stream_app.formats.csv_export import CsvMapping
from stream_app.settings import Settings, SettingsError, load
from stream_app.settings.load import keys
from stream_app.settings.notify import MuteEntry
from stream_app.settings.people import PersonSettings
from stream_app.settings.routing import RouteEntry
from stream_app.settings.sections import Csv, PageEntry
from stream_app.settings.values import parse_alerts_from, parse_span, span
from stream_app.topics import InputTopic

EXAMPLE = Path(__file__).parents[2] / "stream-app.example.toml"
CSV_MAPS = ("csv.columns", "csv.constants", "csv.only")


class TestLoad:
    def test_a_rekeyed_input_is_read_from_the_topic_by_customer_and_written_by_others_as_before(self):
        settings = load(environ={"STREAM_APP_TOPIC_PREFIX": "cs.", "STREAM_APP_REKEY": '["page-views", "page-views"]'})
        views, purchases = InputTopic.PAGE_VIEWS, InputTopic.PURCHASES

        assert (views,) == settings.rekey
        assert ["cs.page-views-by-customer", "cs.purchases"] == [settings.topic(views), settings.topic(purchases)]
        assert ["cs.page-views", "cs.purchases"] == [settings.source(views), settings.source(purchases)]

    def test_nothing_said_is_the_defaults(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        assert Settings() == load(environ={})

    def test_environment_wins_over_file_and_overrides_win_over_both(self, tmp_path):
        file = tmp_path / "x.toml"
        file.write_text("group = 'file'\nstore = 'rocksdb'\n[web]\nport = 1\nhost = '::1'\n")
        environ = {"STREAM_APP_GROUP": "environment", "STREAM_APP_WEB__PORT": "2", "HOME": "/"}

        settings = load(file, environ, group="override", topic_prefix=None)

        assert ("override", "rocksdb", 2, "::1", "") == (
            settings.group,
            settings.store,
            settings.web.port,
            settings.web.host,
            settings.topic_prefix,
        )

    def test_file_in_the_current_folder_is_found(self, tmp_path, monkeypatch):
        (tmp_path / "stream-app.toml").write_text("group = 'here'")
        monkeypatch.chdir(tmp_path)

        assert load(environ={}).group == "here"

    def test_variable_names_another_file(self, tmp_path):
        file = tmp_path / "other.toml"
        file.write_text("group = 'named'")

        assert load(environ={"STREAM_APP_CONFIG": str(file)}).group == "named"

    def test_variable_for_a_table_and_for_a_key_of_it_go_together(self, written):
        settings = written(STREAM_APP_WEB='{"port": 1}', STREAM_APP_WEB__HOST="localhost")

        assert (1, "localhost") == (settings.web.port, settings.web.host)

    def test_byte_order_mark_of_windows_editors_is_no_error(self, written):
        assert written("\ufeffgroup = 'x'").group == "x"

    def test_values_cannot_be_changed(self):
        with pytest.raises(ValidationError, match="frozen"):
            Settings().web.port = 1


REFUSED = [
    ("[web]\nprot = 1", {}, "file: web.prot: no such setting; did you mean web.port?"),
    ("port = 1", {}, "file: port: no such setting; did you mean web.port?"),
    ("xyzzy = 1", {}, "file: xyzzy: no such setting; stream-app.example.toml lists all"),
    (
        "",
        {"STREAM_APP_WEB__PROT": "1"},
        "environment: STREAM_APP_WEB__PROT: no such setting; did you mean STREAM_APP_WEB__PORT?",
    ),
    ("", {"STREAM_APP_GRUOP": "x"}, "environment: STREAM_APP_GRUOP: no such setting; did you mean STREAM_APP_GROUP?"),
    (
        "",
        {"STREAM_APP_GROUP__X": "x"},
        "environment: STREAM_APP_GROUP__X: no such setting; did you mean STREAM_APP_GROUP?",
    ),
    ("", {"STREAM_APP_WEB__PORT": "x"}, "environment: STREAM_APP_WEB__PORT: Input should be a valid integer"),
    ("", {"STREAM_APP_AUDIENCE__BOTS": "x"}, "environment: STREAM_APP_AUDIENCE__BOTS: must be JSON, such as"),
    ("[web]\nport = 65536", {}, "file: web.port: Input should be less than or equal to 65535 (given: 65536)"),
    ("store = 'redis'", {}, "file: store: Input should be 'memory' or 'rocksdb' (given: 'redis')"),
    ("checkpoint_interval = 5", {}, "file: checkpoint_interval: must be a number with its unit"),
    (
        'rekey = ["ticks"]',
        {},
        "file: rekey: must be of customers, interactions, purchases, page-views, not ticks",
    ),
    ("standby_replicas = -1", {}, "file: standby_replicas: Input should be greater than or equal to 0 (given: -1)"),
    ("alerts_from = 'yesterday'", {}, "file: alerts_from: must be 'start', 'earliest' or a time with offset"),
    ("alerts_from = '2026-04-01T00:00:00'", {}, "file: alerts_from: must be 'start', 'earliest' or a time with offset"),
    ("bootstrap_servers = 'kafka://a:1'", {}, "file: bootstrap_servers: must be 'host:port'"),
    ("group = 'ä'", {}, "file: group: String should match pattern"),
    (
        "[[pages]]\ncategory = 'pricey'\npath = '/x'",
        {},
        "file: pages.0.category: Input should be 'cancellation', 'pricing'",
    ),
    (
        "[[pages]]\ncategory = 'spec'\npath = '/x'\nplans = ['team']",
        {},
        "file: pages.0: plans: only a page of category 'feature' may name the plans that hold it",
    ),
    (
        "[[pages]]\ncategory = 'feature'\npath = '/x'\nplans = [' ']",
        {},
        "file: pages.0: plans: an empty text is no plan",
    ),
    ("[[pages]]\ncategory = 'pricing'\npath = '/'", {}, "file: pages.0: path '/' without a host would be every page"),
    ("[audience]\nbots = ['']", {}, "file: audience.bots: an empty text would mean everybody"),
    (
        "[rules.by_id.'churn.cancel-page']\nenabled = false",
        {},
        "file: rules.by_id: no rule is called 'churn.cancel-page'; did you mean 'churn.cancellation-page'?",
    ),
    (
        "[rules.by_id.x]\nenabled = false",
        {},
        "file: rules.by_id: no rule is called 'x'; there are: churn.cancellation-page, ",
    ),
    ("[rules]\nset = 'fancy'", {}, "file: rules.set: Input should be 'simple' or 'full' (given: 'fancy')"),
    ("feeds = ['page_views']", {}, "file: feeds.0: Input should be 'page-views', 'purchases', 'customers'"),
    ("[rules]\nfeeds = []", {}, "file: rules.feeds: no such setting; did you mean feeds?"),
    ("fiscal_year_end = '03-32'", {}, "file: fiscal_year_end: must be a month and a day, such as '03-31'"),
    ("fiscal_year_end = '3-31'", {}, "file: fiscal_year_end: must be a month and a day, such as '03-31'"),
    ("[loyalty]\nnps_old = '1d'", {}, "file: loyalty.nps_old: no such setting; did you mean loyalty.nps_stale?"),
    ("[loyalty]\nhigh = {YEN = 1}", {}, "file: loyalty.high: 'YEN' is not a currency of ISO 4217, such as 'JPY'"),
    ("[loyalty]\nhigh = {JPY = 0}", {}, "file: loyalty.high.JPY: Input should be greater than 0 (given: 0)"),
    ("[loyalty]\nhigh = {JPY = nan}", {}, "file: loyalty.high.JPY: Input should be a finite number"),
    ("[loyalty]\ngross_margin = 60", {}, "file: loyalty.gross_margin: Input should be less than or equal to 1"),
    ("[loyalty]\nduration = '0'", {}, "file: loyalty.duration: Input should be greater than 0"),
    ("[waits]\nforget = '29d'", {}, "file: waits.forget: rules look at the views of 30 days: must be at least '30d'"),
    ("[waits]\nfollow_up = 7", {}, "file: waits.follow_up: must be a number with its unit"),
    (
        "[waits]\ncalender_days = true",
        {},
        "file: waits.calender_days: no such setting; did you mean waits.calendar_days?",
    ),
    (
        "",
        {"STREAM_APP_LOYALTY__HIHG": "{}"},
        "environment: STREAM_APP_LOYALTY__HIHG: no such setting; did you mean STREAM_APP_LOYALTY__HIGH?",
    ),
    ("[rules]\nhelp_window = '31d'", {}, "file: rules.help_window: views are kept for 30 days: must be at most '30d'"),
    ("[rules]\nbought_window = '0'", {}, "file: rules.bought_window: Input should be greater than 0"),
    ("[web]\nhost = '0.0.0.0'", {}, "file: web: host '0.0.0.0' is reachable from other machines: that needs a token"),
    ("[kafka]\nsecurity_protocol = 'SASL_SSL'", {}, "file: kafka: SASL_SSL needs both sasl_username and sasl_password"),
    ("[kafka]\nsasl_username = 'x'", {}, "file: kafka: sasl_username and sasl_password need security_protocol"),
    ("[kafka]\nssl_cafile = 'x'", {}, "file: kafka: ssl_cafile, ssl_certfile and ssl_keyfile need security_protocol"),
    ("[kafka]\nsecurity_protocol = 'SSL'\nssl_keyfile = 'x'", {}, "file: kafka: ssl_keyfile needs ssl_certfile"),
    ("[csv]\nkind = 'purchases'", {}, "file: csv.columns: Field required"),
    ("[csv]\nkind = 'purchases'\ncolumns = {url = 'x'}", {}, "file: csv: no such field of purchases: url"),
    ("[access_log]\nbase_url = 'www'", {}, "file: access_log.base_url: must begin with http:// or https://"),
    ("x = [", {}, "file: is not a TOML file: "),
]


@pytest.mark.parametrize(("text", "environ", "expected"), REFUSED)
def test_refused_with_where_and_what_is_allowed(refusal, text, environ, expected):
    assert refusal(text, **environ).startswith(expected)


def test_every_problem_has_a_line_of_its_own(refusal):
    said = refusal("store = 'x'\n[web]\nport = -1\n[log]\nlevel = 'loud'")

    assert ["file: store", "file: web.port", "file: log.level"] == [
        line.rpartition(": Input")[0] for line in said.splitlines()
    ]


def test_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.toml: cannot be read: No such file"):
        load(tmp_path / "nowhere.toml", {})


@pytest.mark.parametrize("key", ["kafka.sasl_password", "kafka.ssl_key_password", "web.token"])
def test_secrets_are_never_shown(written, refusal, key):
    table, name = key.split(".")
    variable = f"STREAM_APP_{table}__{name}".upper()
    sasl = {"STREAM_APP_KAFKA__SECURITY_PROTOCOL": "SASL_SSL", "STREAM_APP_KAFKA__SASL_USERNAME": "u"}
    password = {"STREAM_APP_KAFKA__SASL_PASSWORD": "-"}
    settings = written(**sasl, **password | {variable: "geheim-1"})

    said = [
        repr(settings),
        str(settings),
        settings.model_dump_json(),
        refusal(f"[{table}]\n{name} = 20260601"),
        refusal(f"[{table}]\n{name} = ['geheim-1']"),
        refusal(f"[{table}]\n{name}x = 'geheim-1'"),
        refusal(**{f"STREAM_APP_{table}".upper(): f'{{"{name}": "geheim-1"'}),
    ]

    assert not [text for text in said if "geheim-1" in text or "20260601" in text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("500ms", SECOND // 2), ("90s", 90 * SECOND), ("10m", 10 * MINUTE), ("24 h", DAY), ("7d", 7 * DAY)],
)
def test_spans(text, expected):
    assert expected == parse_span(text)


@pytest.mark.parametrize("text", ["", "7", "7w", "-1s", "1.5h", "1h30m", "७d", "9999999999s", 8, None, True])
def test_no_spans(text):
    with pytest.raises(ValueError, match="must be a number with its unit"):
        parse_span(text)


@pytest.mark.parametrize("micros", [0, SECOND // 1000, 90 * SECOND, HOUR, DAY, 30 * DAY])
def test_a_span_is_written_as_it_is_read(micros):
    assert micros == parse_span(span(micros))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("start", "start"),
        ("earliest", "earliest"),
        ("1970-01-01T00:00:01Z", SECOND),
        ("1970-01-02T09:00:00.000001+09:00", DAY + 1),
    ],
)
def test_from_when_alerts_are_wanted(text, expected):
    assert expected == parse_alerts_from(text)


class TestClientOptions:
    def test_plain(self):
        options = {"bootstrap_servers": "127.0.0.1:9092", "security_protocol": "PLAINTEXT", "ssl_context": None}

        assert options == Settings().client_options()

    def test_sasl_over_tls(self, written):
        text = "[kafka]\nsecurity_protocol='SASL_SSL'\nsasl_mechanism='SCRAM-SHA-512'\nsasl_username='u'\n"
        options = written(text, STREAM_APP_KAFKA__SASL_PASSWORD="p").client_options()

        assert ("SCRAM-SHA-512", "u", "p") == (
            options["sasl_mechanism"],
            options["sasl_plain_username"],
            options["sasl_plain_password"],
        )
        assert ssl.CERT_REQUIRED == options["ssl_context"].verify_mode
        assert options["ssl_context"].check_hostname

    def test_bad_tls_file_is_a_settings_error(self, written):
        settings = written("[kafka]\nsecurity_protocol = 'SSL'\nssl_cafile = 'no-such.pem'")

        with pytest.raises(SettingsError, match="a TLS file cannot be used"):
            settings.client_options()


class TestExample:
    def test_says_what_holds_without_it(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        example, default = load(EXAMPLE, {}), Settings()

        assert default.model_dump(exclude={"rules": {"by_id"}}) == example.model_dump(exclude={"rules": {"by_id"}})
        assert default.rule_set().id == example.rule_set().id

    def test_mentions_every_key(self):
        """Also with everything that is commented out uncommented: it has to be TOML that is accepted."""
        text = re.sub(r"^# (?=\[|\w+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
        said = tomllib.loads(text)

        entries = {"pages": PageEntry, "routes": RouteEntry, "people": PersonSettings, "mute": MuteEntry}
        inner = {f"{table}.{key}" for table, entry in entries.items() for key in keys(entry)}

        assert {*keys(), *inner} - {*entries} == set(_dotted(said))
        assert Settings(**said | {"kafka": {}, "salesforce": {}}).csv is not None  # which cannot all be said at once


def test_a_csv_mapping_is_set_field_by_field():
    assert CsvMapping.__struct_fields__ == tuple(Csv.model_fields)


def test_a_password_is_read_as_a_secret(written):
    settings = written(STREAM_APP_WEB__TOKEN="t", STREAM_APP_WEB__HOST="0.0.0.0")

    assert SecretStr("t") == settings.web.token


def _dotted(said, prefix=""):
    """Yield the keys of a TOML document as `keys` names them."""
    for key, value in said.items():
        name = f"{prefix}{key}"
        if key in ("pages", "routes", "people", "mute"):  # many of a kind, each with some of the keys
            yield from {
                one for each in (value.values() if key == "people" else value) for one in _dotted(each, f"{name}.")
            }
            continue
        if isinstance(value, dict) and name not in ("rules.by_id", "loyalty.high", *CSV_MAPS):
            yield from _dotted(value, f"{name}.")
        else:
            yield name
