"""The manifests: rendered by kustomize, checked against the schemas of Kubernetes, and fit for what the workers are."""

import re
import shutil
import subprocess
import tomllib
from copy import deepcopy
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from stream_app.capacity import Load, plan
from stream_app.core.events import DAY
from stream_app.core.rule_set import RuleSetName
from stream_app.settings import load
from stream_app.workers.detector import STOP_SECONDS

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
VERSIONS = ("1.35", "1.37")  # the oldest and the newest that the schemas are there for
UNITS = {"Mi": 1 << 20, "Gi": 1 << 30}
KUBECTL = shutil.which("kubectl")


@pytest.fixture(scope="module")
def rendered():
    if KUBECTL is None:
        pytest.skip("kubectl is not installed")
    command = [KUBECTL, "kustomize", str(FOLDER)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return list(yaml.safe_load_all(text))


@pytest.fixture
def of(rendered):
    return {(each["kind"], each["metadata"]["name"]): deepcopy(each) for each in rendered}


@pytest.fixture
def pods(of):
    places = [("StatefulSet", "detect"), ("Deployment", "notify"), ("Job", "topics")]
    return {name: of[kind, name]["spec"]["template"] for kind, name in places}


def size(text):
    return int(text[:-2]) * UNITS[text[-2:]]


def only(pod):
    (container,) = pod["spec"]["containers"]
    return container


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_follows_its_schema(rendered, version):
    for each in rendered:
        kubernetes_validate.validate(each, version, strict=True)
    assert 14 == len(rendered)


def test_what_breaks_a_schema_is_found(of):
    of["Deployment", "notify"]["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(of["Deployment", "notify"], VERSIONS[0], strict=True)


def test_detect_keeps_its_volume_and_notify_needs_none(of, pods):
    (claim,) = of["StatefulSet", "detect"]["spec"]["volumeClaimTemplates"]
    mounted = {name: {each["name"]: each["mountPath"] for each in only(pods[name])["volumeMounts"]} for name in pods}
    assert "/var/lib/stream-app" == mounted["detect"][claim["metadata"]["name"]]
    assert {"settings", "tmp"} == set(mounted["notify"])


@pytest.mark.parametrize("worker", ["detect", "notify"])
def test_probes_ask_what_the_workers_answer(pods, worker):
    container = only(pods[worker])
    asked = {
        probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    settings = load(environ={})
    assert {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"} == asked
    assert {"web": {"detect": settings.web.port, "notify": settings.notify.port}[worker]} == ports
    assert {"web"} == {container[probe]["httpGet"]["port"] for probe in asked}


@pytest.mark.parametrize("name", ["detect", "notify", "topics"])
def test_no_pod_has_rights_that_it_does_not_need(pods, name):
    spec, container = pods[name]["spec"], only(pods[name])
    assert (True, 10001, {"type": "RuntimeDefault"}) == tuple(
        spec["securityContext"][key] for key in ("runAsNonRoot", "runAsUser", "seccompProfile")
    )
    assert {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}} == (
        container["securityContext"]
    )
    assert (False, False) == (spec["automountServiceAccountToken"], spec["enableServiceLinks"])
    assert {"cpu", "memory"} == set(container["resources"]["requests"])
    assert re.fullmatch(r"registry\.example\.com/stream-app:\d+\.\d+\.\d+", container["image"])


def test_workers_are_no_more_than_partitions_and_stop_in_time(of, pods):
    partitions = tomllib.loads((FOLDER / "stream-app.toml").read_text())["topics"]["partitions"]
    replicas = {
        name: of[kind, name]["spec"]["replicas"] for kind, name in (("StatefulSet", "detect"), ("Deployment", "notify"))
    }
    assert {"detect": True, "notify": True} == {name: 1 < count <= partitions for name, count in replicas.items()}
    assert {"maxSurge": 0, "maxUnavailable": 1} == of["Deployment", "notify"]["spec"]["strategy"]["rollingUpdate"]
    assert STOP_SECONDS < pods["detect"]["spec"]["terminationGracePeriodSeconds"]


def test_resources_are_those_that_scaling_reckons_with(of, pods):
    """For the two workers that stand here: a load that such a number is planned for, with RocksDB."""
    planned = plan(Load(events_per_second=3_000, customers=8_000_000, rule_set=RuleSetName.FULL, retention=7 * DAY))
    asked = only(pods["detect"])["resources"]
    settings = tomllib.loads((FOLDER / "stream-app.toml").read_text())
    there = settings["store"], settings["topics"]["partitions"], of["StatefulSet", "detect"]["spec"]["replicas"]
    assert (planned.store, planned.partitions, planned.workers) == there
    assert planned.worker_bytes <= size(asked["requests"]["memory"]) < size(asked["limits"]["memory"])
    assert "500m" == asked["requests"]["cpu"]


def test_disruptions_take_one_worker_at_a_time(of):
    budgets = {
        name: each["spec"]["maxUnavailable"] for (kind, name), each in of.items() if kind == "PodDisruptionBudget"
    }
    assert {"detect": 1, "notify": 1} == budgets


@pytest.mark.parametrize(
    ("app", "egress", "ingress"),
    [
        ("detect", {53, 9092, 9093}, {"web"}),
        ("notify", {53, 443, 9092, 9093}, {"web"}),
        ("topics", {53, 9092, 9093}, set()),
    ],
)
def test_the_network_lets_pass_what_each_needs(of, pods, app, egress, ingress):
    labels, passed = pods[app]["metadata"]["labels"], {"egress": set(), "ingress": set()}
    for spec in (each["spec"] for (kind, _), each in of.items() if kind == "NetworkPolicy"):
        chosen = spec["podSelector"]
        ins = [labels.get(each["key"]) in each["values"] for each in chosen.get("matchExpressions", [])]
        if all(ins) and chosen.get("matchLabels", {}).items() <= labels.items():
            for way, ports in passed.items():
                ports |= {port["port"] for rule in spec.get(way, []) for port in rule["ports"]}
    assert {"egress": egress, "ingress": ingress} == passed
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} == of["NetworkPolicy", "nothing-else"]["spec"]


def test_secrets_are_referred_to_and_nowhere_written_down(rendered, pods):
    references = {name: only(pod)["envFrom"] for name, pod in pods.items()}
    assert {name: [{"secretRef": {"name": "stream-app"}}] for name in pods} == references
    assert [] == [each for each in rendered if each["kind"] == "Secret"]
    assert [] == re.findall(r"(?:TOKEN|PASSWORD|SECRET)\w*[\"']?\s*[:=]\s*\S", yaml.safe_dump_all(rendered))


def test_the_settings_hold_with_the_secrets_and_not_without():
    secrets = {"STREAM_APP_KAFKA__SASL_PASSWORD": "geheim", "STREAM_APP_WEB__TOKEN": "geheim"}
    settings = load(FOLDER / "stream-app.toml", environ=secrets)
    assert ("geheim", 3) == (settings.web.token.get_secret_value(), settings.topics.replication_factor)
