"""The environment of the engines that the project does not depend on, made on first use below the cache folder."""

import hashlib
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

from platformdirs import user_cache_path

PINNED = ("quixstreams==3.28.0", "confluent-kafka==2.12.2", "rocksdict==0.3.29")
READY = "ready"


def peers_python() -> str:
    """Return the interpreter that has Quix Streams and confluent-kafka; what the project itself needs it finds here."""
    name = hashlib.sha256("\n".join([sys.version, sys.prefix, *PINNED]).encode()).hexdigest()[:12]
    folder = user_cache_path("stream-app", appauthor=False) / f"benchmark-{name}"
    python = folder / "bin" / "python"
    if not (folder / READY).exists():
        print(f"making a virtual environment with {', '.join(PINNED)} in {folder} …", flush=True)
        _make(folder, python)
    return str(python)


def _make(folder: Path, python: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    done = subprocess.run([python, "-m", "pip", "install", "--quiet", *PINNED], check=False)
    if done.returncode:
        raise SystemExit("pip could not install them; leave out quix, quix-tuned and raw-confluent with --engines")
    [packages] = folder.glob("lib/python*/site-packages")
    ours = [path for path in site.getsitepackages() if Path(path).is_dir()]
    (packages / "project.pth").write_text("\n".join(ours) + "\n")  # stands last: their own versions come first
    (folder / READY).touch()
