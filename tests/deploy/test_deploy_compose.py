"""The profile of the compose file: valid, on loopback only, pinned, and started in order."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from stream_app.cluster import CREATE
from stream_app.settings import SettingsError, load
from stream_app.settings.load import keys

ROOT = Path(__file__).parents[2]
FILE = yaml.safe_load((ROOT / "docker-compose.kafka.yml").read_text())
SERVICES = FILE["services"]
PROMETHEUS = ROOT / "deploy" / "prometheus" / "prometheus.yml"
IN_PROFILE = ("topics", "detect", "notify", "prometheus", "grafana")
BESIDE = "inbox"  # in a profile of its own: it does not start before somebody has chosen a token
BOUND = [(name, *bind.split(":")) for name, each in SERVICES.items() for bind in each.get("volumes", [])]


def specified(file):
    """Return what the compose specification makes of it; ValueError where it breaks it."""
    return PyCompose.from_json(json.dumps(file))


def test_it_follows_the_compose_specification():
    assert sorted(SERVICES) == sorted(specified(FILE).service_names())


@pytest.mark.parametrize("wrong", [{"imagee": "x"}, {"ports": ["1:99999"]}, {"depends_on": {"a": {"condition": "up"}}}])
def test_what_breaks_the_specification_is_found(wrong):
    with pytest.raises(ValueError, match=r"."):
        specified({"services": {"a": {"image": "x", **wrong}}})


def test_without_the_profile_there_is_kafka_alone():
    assert ["kafka"] == [name for name, each in SERVICES.items() if "profiles" not in each]
    assert {"app"} == {profile for name in IN_PROFILE for profile in SERVICES[name]["profiles"]}
    assert [BESIDE] == SERVICES[BESIDE]["profiles"]
    assert {"kafka", BESIDE, *IN_PROFILE} == {*SERVICES}


def test_every_port_is_on_loopback():
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert ["9092", "6066", "6067", "6069", "9090", "3000"] == [port.split(":")[1] for port in ports]
    assert [] == [port for port in ports if not port.startswith("127.0.0.1:")]


def test_every_image_is_pinned_by_version():
    assert [] == [each["image"] for each in SERVICES.values() if not re.search(r":v?\d+\.\d+\.\d+$", each["image"])]


def test_the_image_is_of_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    made = {each["image"] for each in SERVICES.values() if "build" in each}
    told = re.findall(r"-t (stream-app:\S+)", (ROOT / "docs" / "deployment.md").read_text())
    rendered = yaml.safe_load((ROOT / "deploy" / "kubernetes" / "kustomization.yaml").read_text())["images"][0]
    assert ({f"stream-app:{version}"}, version) == (made | set(told), rendered["newTag"])


@pytest.mark.parametrize("name", [*IN_PROFILE, BESIDE])
def test_what_runs_has_no_rights_and_a_read_only_root(name):
    each = SERVICES[name]
    assert (True, ["ALL"], ["no-new-privileges:true"]) == (each["read_only"], each["cap_drop"], each["security_opt"])


def test_each_starts_when_what_it_needs_is_there():
    """A one-shot container that nobody waits for would fail `up --wait`."""
    order = {
        name: {on: how["condition"] for on, how in SERVICES[name].get("depends_on", {}).items()} for name in SERVICES
    }
    made = {"kafka": "service_healthy", "topics": "service_completed_successfully"}
    assert {
        "kafka": {},
        "topics": {"kafka": "service_healthy"},
        "detect": made,
        "notify": made,
        "inbox": made,
        "prometheus": {"topics": "service_completed_successfully"},
        "grafana": {"prometheus": "service_healthy"},
    } == order
    assert f"stream-app {' '.join(SERVICES['topics']['command'])}" in CREATE


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "topics"])
def test_each_that_stays_is_asked_whether_it_works(name):
    assert bool(SERVICES[name]["healthcheck"]["test"])


@pytest.mark.parametrize(
    ("name", "probe"), [("detect", "6066/readyz"), ("notify", "6067/readyz"), ("inbox", "6069/readyz")]
)
def test_a_worker_is_healthy_when_it_is_ready(name, probe):
    assert probe in SERVICES[name]["healthcheck"]["test"][-1]


def test_what_is_mounted_is_there_or_a_volume():
    sources = {source for _, source, *_ in BOUND}
    volumes = {source for source in sources if not source.startswith("./")}
    assert volumes == set(FILE["volumes"])
    assert [] == [source for source in sources - volumes - {"./deploy/prometheus"} if not (ROOT / source).exists()]


@pytest.mark.skipif(not PROMETHEUS.exists(), reason=f"{PROMETHEUS.name} is not there")
def test_prometheus_asks_both_workers_with_the_token():
    """Mounted where its file says; of every worker the name, the port and the token fit."""
    mounts = {target: source for name, source, target, *_ in BOUND if name == "prometheus"}
    jobs = yaml.safe_load(PROMETHEUS.read_text())["scrape_configs"]
    targets = [target for job in jobs for each in job["static_configs"] for target in each["targets"]]
    assert "./deploy/prometheus" == mounts["/etc/prometheus"]
    assert {"./deploy/compose/web-token"} == {mounts[job["authorization"]["credentials_file"]] for job in jobs}
    assert {"detect:6066", "notify:6067"} == set(targets)


def test_the_settings_hold_and_prometheus_has_the_token():
    settings = load(ROOT / "deploy/compose/stream-app.toml", environ={})
    kafka = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert settings.web.token.get_secret_value() == (ROOT / "deploy/compose/web-token").read_text()
    assert f"PLAINTEXT://{settings.bootstrap_servers}" in kafka.split(",")
    assert SERVICES["notify"]["environment"]["STREAM_APP_CONFIG"] in {target for _, _, target, *_ in BOUND}


def test_secrets_are_taken_from_where_it_is_started():
    """A name without a value: compose passes on what is set there, and every name is that of a setting."""
    passed = {name: value for name, value in SERVICES["notify"]["environment"].items() if name != "STREAM_APP_CONFIG"}
    assert {None} == set(passed.values())
    assert set() == set(passed) - {f"STREAM_APP_{key.replace('.', '__').upper()}" for key in keys()}


def test_the_inbox_asks_for_a_token_that_stands_nowhere():
    said = SERVICES[BESIDE]["environment"]
    environ = {name: value for name, value in said.items() if name.startswith("STREAM_APP_INBOX__")}
    file = ROOT / "deploy/compose/stream-app.toml"
    chosen = load(file, environ | {"STREAM_APP_INBOX__TOKEN": "chosen-by-nobody"})

    assert ({"STREAM_APP_INBOX__HOST": "0.0.0.0", "STREAM_APP_INBOX__TOKEN": None}, True) == (
        environ,
        chosen.inbox.guarded,
    )
    with pytest.raises(SettingsError, match="that needs a token"):
        load(file, {name: value or "" for name, value in environ.items()})


def test_grafana_finds_its_dashboards_and_nobody_logs_in():
    grafana, provider = SERVICES["grafana"], ROOT / "deploy/grafana/provisioning/dashboards/stream-app.yml"
    folder = yaml.safe_load(provider.read_text())["providers"][0]["options"]["path"]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in grafana["volumes"]
    assert (ROOT / "deploy/grafana/dashboards" / Path(home).relative_to(folder)).exists()
    assert ("Viewer", "false") == tuple(
        grafana["environment"][f"GF_AUTH_{key}"] for key in ("ANONYMOUS_ORG_ROLE", "BASIC_ENABLED")
    )
