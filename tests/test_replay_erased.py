"""Who was erased is left out of a replay, too."""

import orjson

from stream_app.cli import main
from stream_app.codec.erasures import encode_erasure
from stream_app.core.erasure import Erasure, hash_of
from stream_app.core.events import DAY
from stream_app.testing import builders

NOON = int(builders.NOON.timestamp()) * 1_000_000
SALT = "0a" * 16
ERASED = Erasure(hash=hash_of("c-1", SALT), salt=SALT, erased_at=NOON + DAY, upto={"page-views": {0: 7}})


def view(who, day):
    """Return a view of the cancellation page."""
    at = builders.at(day * 86_400)
    return builders.page_view(
        event_id=f"{who}/{day}", customer_id=who, occurred_at=at, url="https://example.com/kaiyaku"
    )


def test_up_to_the_time_of_it_as_files_have_no_offsets(tmp_path, capsys):
    views, erasures, alerts = tmp_path / "views.jsonl", tmp_path / "erasures.jsonl", tmp_path / "alerts.jsonl"
    views.write_bytes(b"\n".join(orjson.dumps(view(who, day)) for day in (0, 1, 40) for who in ("c-1", "c-2")))
    erasures.write_bytes(encode_erasure(ERASED) + b"\n")
    arguments = ["--page-views", str(views), "--alerts", str(alerts), "--erasures", str(erasures), "--json"]
    assert 0 == main(["replay", *arguments])
    told = orjson.loads(capsys.readouterr().err)["events"]["page-views"]
    spoke = {orjson.loads(line)["evidence"][0]["event_id"] for line in alerts.read_bytes().splitlines()}
    assert (2, 4, {"c-1/40", "c-2/0", "c-2/1", "c-2/40"}) == (told["erased"], told["used"], spoke)


def test_an_erasure_that_cannot_be_read_stops_it(tmp_path, capsys):
    views, erasures = tmp_path / "views.jsonl", tmp_path / "erasures.jsonl"
    views.write_bytes(b"")
    erasures.write_bytes(b"nonsense\n")
    assert 1 == main(["replay", "--page-views", str(views), "--erasures", str(erasures)])
    assert f"{erasures}:1: an erasure cannot be read" in capsys.readouterr().err


def test_the_file_of_erasures_is_not_written_over(tmp_path, capsys):
    views, erasures = tmp_path / "views.jsonl", tmp_path / "erasures.jsonl"
    views.write_bytes(b"")
    erasures.write_bytes(encode_erasure(ERASED) + b"\n")
    files = ["--page-views", str(views), "--erasures", str(erasures), "--alerts", str(erasures)]
    assert (2, ERASED.hash) == (main(["replay", *files]), orjson.loads(erasures.read_bytes())["hash"])
