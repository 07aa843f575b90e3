"""What a program knows of a command: the words that lead to it, its options."""

import re
import shutil
import subprocess
import sys
from functools import cache

import pytest
from typer.main import get_command

from stream_app.cli import app
from tests.docs.commands import ROOT

GLOBAL = {"kubectl": ("kubectl", "options")}
"""Where a program tells the options that all of its commands share."""

MODULES = {"pip": (), "pytest": ("--noconftest",)}
"""Programs that are modules of this environment, and what makes them quick."""


def path_of(words):
    """Return which of our commands it is, such as `topics create`."""
    return " ".join(name for name, _ in _walked(words)[1:])


def unknown_to_us(words):
    """Return the options that our command does not know, and a word where a command should be."""
    walked = _walked(words)
    names = [name for name, _ in walked]
    options = {option for _, command in walked for one in command.params for option in one.opts} | {"--help"}
    strange = [word for word in words[1:] if word.startswith("--") and word.partition("=")[0] not in options]
    last = walked[-1][1]
    if getattr(last, "commands", None) and (len(walked) == 1 or last.no_args_is_help):
        strange += [word for word in words[1:] if word not in names and not word.startswith("--")] or ["no command"]
    return strange


def unknown_to_others(words):
    """Return the options that another program's help does not name; skips where the program is not installed."""
    options = [word.partition("=")[0] for word in _beyond(words) if re.match(r"--?[a-zA-Z]", word)]
    texts = [_said_by(asked) for asked in _asked(words)] if options else []  # some programs would begin to work
    if len(texts) > 1 and texts[0] == texts[1]:  # it tells of itself where a plug-in is missing
        pytest.skip(f"{' '.join(words[:2])} is not on this machine")
    said = "".join(texts)
    return [option for option in options if not _is_named(option, said)]


def _beyond(words):
    """Return what is said to the program itself, not to Python."""
    return words[3:] if words[:2] == ("python", "-m") else words[1:]


def _walked(words):
    """Return the commands that the words lead to, from the outermost on, with their names."""
    walked = [("", get_command(app))]
    for word in words[1:]:
        inner = getattr(walked[-1][1], "commands", {}).get(word)
        walked += [(word, inner)] if inner is not None else []
    return walked


def _is_named(option, said):
    short = option if option.startswith("--") else option[:2]
    return re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", said) is not None


def _asked(words):
    """Yield what is asked for help: the program, and each command inside that the words lead to."""
    name, *rest = words
    if name == "python":
        yield (sys.executable, *(rest[:2] if rest[0] == "-m" else rest[:1]), "--help")
        return
    if name not in MODULES and shutil.which(name) is None:
        pytest.skip(f"{name} is not on this machine")
    program = (sys.executable, "-m", name, *MODULES[name]) if name in MODULES else (name,)
    inner = _commands_in(rest) if name != "pytest" else []
    yield from ((*program, *inner[:count], "--help") for count in range(len(inner) + 1))
    yield from (GLOBAL[name],) if name in GLOBAL else ()


def _commands_in(rest):
    """Return the plain words that follow no option: two at most, for what comes then are names."""
    pairs = zip(("", *rest), rest, strict=False)
    return [word for before, word in pairs if re.fullmatch(r"[a-z]+", word) and not before.startswith("-")][:2]


@cache
def _said_by(asked):
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
