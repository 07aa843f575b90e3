"""Secrets that stand in files beside the keys that hold them."""

import pytest
from pydantic import BaseModel

from stream_app.settings import Settings, SettingsError, Source, load
from stream_app.settings.load import _holds_secret
from stream_app.settings.secret_files import secret_files

KEY = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="


def test_every_secret_may_stand_in_a_file():
    tables = {name: field.annotation for name, field in Settings.model_fields.items()}
    secrets = {
        (table, name)
        for table, kind in tables.items()
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
        if _holds_secret(field.annotation)
    }

    assert secrets == set(secret_files())


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("slack.token", "xoxb-1\n", "xoxb-1"),
        ("web.token", "\ufeffein langes Geheimnis \r\n", "ein langes Geheimnis"),
        ("hubspot.token", "pat-1", "pat-1"),
        ("salesforce.client_secret", "s", "s"),
    ],
)
def test_what_stands_there_is_the_secret(tmp_path, key, text, expected):
    table, name = key.split(".")
    (tmp_path / "secret").write_text(text, encoding="utf-8")
    settings = load(environ={f"STREAM_APP_{table}__{name}_FILE".upper(): str(tmp_path / "secret")})

    assert expected == getattr(getattr(settings, table), name).get_secret_value()


def test_a_file_holds_several_signing_keys_one_on_a_line(tmp_path, written):
    (tmp_path / "keys").write_text(f"{KEY}\n{KEY}\n")
    settings = written(f'[webhook]\nsecrets_file = "{tmp_path / "keys"}"')

    assert [KEY, KEY] == [secret.get_secret_value() for secret in settings.webhook.secrets]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"  \n", "is empty"),
        (b"\xff\xfe\x00", "is not text"),
        (b"geheim", "slack.token is given too; leave out one of them"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(tmp_path, text, expected):
    file, environ = tmp_path / "secret", {} if text != b"geheim" else {"STREAM_APP_SLACK__TOKEN": "geheim"}
    if text is not None:
        file.write_bytes(text)

    with pytest.raises(SettingsError) as error:
        load(environ=environ | {"STREAM_APP_SLACK__TOKEN_FILE": str(file)})
    assert f"slack.token_file: {file}: {expected}" == str(error.value)


def test_what_is_looked_at_is_whatever_settings_come_from(tmp_path):
    names = ["app.toml", "token", "key.pem", "books/churn.ja.toml"]
    files = [tmp_path / name for name in names]
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "notes.txt").write_text("nobody reads this")
    for file in files:
        file.write_text("x")
    files[0].write_text(
        f'playbooks = "{tmp_path / "books"}"\n[slack]\ntoken_file = "{files[1]}"\n'
        f'[salesforce]\nprivate_key_file = "{files[2]}"\nusername = "u"\n'
    )
    source = Source(files[0], {})
    settings = source.load()
    before = source.seen(settings)
    assert set(files) == {*before}
    for file in files:
        file.write_text("another")
        after = source.seen(settings)
        assert [file] == [each for each in after if after[each] != before[each]]
        before = after
    files[1].unlink()
    assert b"" == source.seen(settings)[files[1]]
