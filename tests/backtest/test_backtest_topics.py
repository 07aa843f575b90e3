"""The topics of a cluster as history: the same as files of what stands in them, without who was erased."""

import asyncio
import json

import orjson
import pytest

from stream_app.cli import main
from stream_app.codec.erasures import encode_erasure, erasure_key
from stream_app.core.erasure import Erasure, hash_of
from stream_app.partitioners import Partitioner, partition_of
from stream_app.topics import RECORDED
from tests.backtest.histories import written

pytestmark = pytest.mark.kafka

GONE, SALT = "c-00003", "ab" * 16


def judged(how, capsys):
    assert main(["backtest", *how, "--against", "simple", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_topics_are_judged_as_files_are(ground, tmp_path, monkeypatch, capsys):
    """The group of no worker is touched; the erased customer is counted in both, and in no alert."""
    files = written(tmp_path, customers=12, days=6)
    sources = {source.topic: source.path.read_bytes().splitlines() for source in files.sources}
    values = [(topic, orjson.loads(line), line) for topic, lines in sources.items() for line in lines]
    records = [(str(topic), (value.get("customer_id") or "").encode() or None, line) for topic, value, line in values]
    place = partition_of(GONE.encode(), ground.partitions, Partitioner.MURMUR2)
    gone = Erasure(
        hash=hash_of(GONE, SALT),
        salt=SALT,
        erased_at=1_790_000_000_000_000,
        upto={str(topic): {place: 10**6} for topic in RECORDED},
    )

    async def prepare():
        await ground.create()
        await ground.write([*records, ("erasures", erasure_key(gone), encode_erasure(gone))])

    asyncio.run(prepare())
    (tmp_path / "gone.jsonl").write_bytes(encode_erasure(gone) + b"\n")
    for name, value in ground.environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STREAM_APP_RULES__SET", "full")
    named = [word for source in files.sources for word in (f"--{source.topic}", str(source.path))]
    asked = (["--from-topics"], [*named, "--erasures", str(tmp_path / "gone.jsonl"), "--partitions", "4"])
    of_topics, of_files = (
        main(["backtest", *how, "--against", "simple", "--json"]) or json.loads(capsys.readouterr().out)
        for how in asked
    )

    assert of_topics["mine"]["alerts"] > 0 < of_topics["erased"]
    assert GONE not in json.dumps(of_topics)
    assert of_files | {"seconds": 0} == of_topics | {"seconds": 0}
