"""The image: linted, nothing in it that does not belong there, and its health check asks a real worker's probe."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stream_app.metrics import Metrics
from stream_app.settings import Settings
from stream_app.web import serve

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
HADOLINT = Path(sys.executable).with_name("hadolint")
STAGES = DOCKERFILE.split("\nFROM ")
CHECK = json.loads(re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.*\])", DOCKERFILE)[1])


def test_the_linter_has_nothing_to_say():
    said = subprocess.run([HADOLINT, ROOT / "deploy" / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (0, "", "") == (said.returncode, said.stdout, said.stderr)


def test_the_linter_looks():
    said = subprocess.run(
        [HADOLINT, "-"], input="FROM python\nRUN cd /tmp", capture_output=True, text=True, check=False
    )
    assert 1 == said.returncode


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ("ARG PYTHON=3.11.13-slim-bookworm", 0),
        ("FROM python:${PYTHON} AS build", 1),
        ("FROM python:${PYTHON}", 2),
        ("COPY --from=build /opt/stream-app /opt/stream-app", 2),
        ("USER 10001:10001", 2),
        ('VOLUME ["/var/lib/stream-app"]', 2),
    ],
)
def test_it_is_slim_has_two_stages_and_no_root(line, stage):
    stages = [STAGES[0], *(f"FROM {each}" for each in STAGES[1:])]
    assert [stage] == [number for number, text in enumerate(stages) if line in text.splitlines()]


def test_nothing_is_built_with_a_secret():
    """Whatever is an ARG, an ENV or a copied file can be read by whoever has the image."""
    names = re.findall(r"^(?:ARG|ENV)? *(\w+)=", DOCKERFILE, re.MULTILINE)
    assert [] == [name for name in names if re.search("TOKEN|SECRET|PASSWORD|KEY", name)]


def test_only_what_it_is_made_of_is_sent_to_be_built():
    """Whatever else lies beside it, settings and secrets too, stays where it is."""
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert ["*", *(f"!{name}" for name in sorted(copied)), "**/__pycache__"] == ignored


@pytest.mark.parametrize(("stuck_after", "code"), [(60.0, 0), (0.0, 1)])
async def test_its_health_check_follows_the_loop(stuck_after, code):
    settings = Settings(web={"port": 0, "token": "geheim"})
    async with serve(settings, Metrics().registry, readyz=lambda: False, stuck_after=stuck_after) as url:
        environ = {"PROBED_PORT": url.rpartition(":")[2]}
        command = [sys.executable, *CHECK[1:]]
        done = await asyncio.to_thread(subprocess.run, command, env=environ, capture_output=True, check=False)

    assert code == done.returncode
