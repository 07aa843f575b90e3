"""The repository keeps its own rules: lint, types, imports, pins, sizes."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stream_app.core import rules
from stream_app.core.rule import Rule

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
LONGEST_MODULE = 300  # lines


def said_by(*command):
    """Return what a command of this environment says, empty if it is content."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def test_ruff_has_nothing_to_say():
    assert said_by("ruff", "check", ".") == ""


def test_types_hold():
    assert said_by("mypy") == ""


def test_imports_point_inwards():
    """In a process of its own: it would switch off the logging of this one."""
    check = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr), done.stdout


def test_every_rule_is_listed_once():
    modules = [getattr(rules, path.stem) for path in Path(rules.__file__).parent.glob("[!_]*.py")]
    written = [one for module in modules for one in vars(module).values() if isinstance(one, Rule)]

    assert sorted(rule.id for rule in written) == sorted(rule.id for rule in rules.RULES)
    assert len(rules.RULES) == len({rule.id for rule in rules.RULES})


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.id)
def test_every_rule_says_why_and_begins_with_its_intent(rule):
    assert rule.why
    assert rule.id.startswith(f"{rule.intent}.")


def test_no_module_is_long():
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "stream_app").rglob("*.py")}

    assert {} == {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_MODULE}


def pinned(requirements):
    """Return the versions that are pinned exactly, by name."""
    parsed = [Requirement(text) for text in requirements if not text.startswith("stream-app[")]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in parsed}


def needed_by(name, extras):
    """Yield what an installed distribution needs on this machine, as (name, extras)."""
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        environments = [{"extra": extra} for extra in (*extras, "")]
        if requirement.marker is None or any(requirement.marker.evaluate(one) for one in environments):
            yield canonicalize_name(requirement.name), frozenset(requirement.extras)


def closure(roots):
    """Return all that is installed with these distributions."""
    todo, done = [(name, frozenset()) for name in roots], set()
    while todo:
        one = todo.pop()
        if one in done:
            continue
        done.add(one)
        todo += needed_by(*one)
    return {name for name, _ in done}


@pytest.mark.parametrize("extras", [(), ("embedded",), ("rocksdb",), ("embedded", "rocksdb", "dev")], ids=str)
def test_everything_that_gets_installed_is_pinned_and_nothing_else(extras):
    pins = pinned([*PYPROJECT["project"]["dependencies"], *(text for extra in extras for text in EXTRAS[extra])])
    try:
        assert set(pins) == closure(pins)
    except PackageNotFoundError as missing:
        pytest.fail(f"{missing.name} is not installed: pip install '.[dev]'")
    assert [] == [name for name, version in pins.items() if not version[:1].isdigit()]


def imported(path):
    """Yield the top-level modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]


def test_what_we_import_is_pinned_by_us_not_only_by_others():
    """Direct dependencies stand before the comment that begins those of the dependencies."""
    used = {name for path in (ROOT / "stream_app").rglob("*.py") for name in imported(path)}
    used -= {*sys.stdlib_module_names, "stream_app"}
    provided = packages_distributions()
    names = {canonicalize_name(provided[name][0]) for name in used}
    text = (ROOT / "pyproject.toml").read_text()
    direct = set(re.findall(r'"([\w-]+)==', re.sub(r"# needed by the above.*?\n\]", "", text, flags=re.DOTALL)))

    assert set() == names - direct


def test_what_is_installed_is_what_is_pinned():
    pins = pinned([*PYPROJECT["project"]["dependencies"], *(text for extra in EXTRAS.values() for text in extra)])

    assert pins == {name: distribution(name).version for name in pins}


def test_readme_gives_the_two_commands():
    readme = (ROOT / "README.md").read_text()

    assert ["pip install '.[embedded]' && stream-app demo", "pip install '.[dev]' && pytest"] == [
        line for line in readme.splitlines() if line.startswith("pip install") and "&&" in line
    ]


def test_ci_runs_what_the_readme_says():
    script = (ROOT / ".ci" / "run").read_text()

    assert ['command=$(grep -m 1 "^pip install .* && pytest$" README.md)'] == [
        line for line in script.splitlines() if "pip install" in line or "pytest" in line
    ]
