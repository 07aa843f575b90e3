"""The commands that the documentation gives: each line of each `sh` block, and what inline code names."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_TEXT = re.compile(r"^ *```(?!sh\n)\w*\n.*?^ *```", re.MULTILINE | re.DOTALL)
_TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"^\$ (stream-app .*)$", re.MULTILINE)
_PROGRAMS = ("stream-app", "docker", "kubectl", "promtool", "pytest", "pip", "python")
_INLINE = re.compile(rf"`((?:{'|'.join(_PROGRAMS)}) [^`]+)`")


@dataclass(frozen=True)
class Command:
    """A command as its words, with the variables of its block; `pages` name where it stands."""

    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    pages: list[str] = field(default_factory=list, compare=False)

    def __str__(self):
        """Return it as a shell reads it."""
        return shlex.join(self.words)


def in_blocks(pages=PAGES):
    """Return the commands of all `sh` blocks, each once, in the order of the pages."""
    return _once(found for page in pages for found in _of_page(page.read_text(encoding="utf-8"), page.name))


def in_passing(pages=PAGES):
    """Return the commands that the text names as inline code, and what an example of output shows behind a prompt.

    What the changelog names may be gone.
    """
    pages = [page for page in pages if page.name != "CHANGELOG.md"]
    return _once(found for page in pages for found in _named_in(page.read_text(encoding="utf-8"), page.name))


def toml_blocks(*names):
    """Return the settings that the pages show, as (page, text); of all pages if none is named."""
    pages = [page for page in PAGES if not names or page.name in names]
    return [(page.name, text) for page in pages for text in _TOML.findall(page.read_text(encoding="utf-8"))]


def split(script):
    """Yield the commands of a script as (words, variables): one of `a && b && c` each, without comments."""
    variables = {}
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="&|")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        for words in _between(list(lexer), ("&&", "|", "&")):
            if words[0] == "export":
                variables |= dict(word.split("=", 1) for word in words[1:])
            else:
                yield tuple(words), tuple(variables.items())


def _of_page(text, page):
    for _, script in _BLOCK.findall(text):
        for words, variables in split(script):
            yield Command(words, variables, [page])


def _named_in(text, page):
    named = _SHOWN.findall(text) + _INLINE.findall(_TEXT.sub("", _BLOCK.sub("", text)))
    for script in named:
        for words, _ in split(script.replace("\n", " ").replace("…", "")):
            if words[0] in _PROGRAMS:
                yield Command(words, (), [page])


def _between(words, ends):
    part = []
    for word in [*words, ends[0]]:
        if word not in ends:
            part.append(word)
        elif part:
            yield part
            part = []


def _once(commands):
    found = {}
    for command in commands:
        one = found.setdefault((command.words, command.variables), Command(command.words, command.variables))
        one.pages.extend(command.pages)
    return list(found.values())
