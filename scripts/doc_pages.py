"""Run the commands and the Python code that a page of the documentation shows.

A page is a Markdown file with fenced blocks or a notebook with code cells. `run_page` runs them in
order, in one folder, and returns what each printed. `tests/test_executed_docs.py` compares that
with the output on the page, and `scripts/renew_docs.py` rewrites the output on the page. Both use a
wheel that is installed without the source tree (`install_wheel`).

What a block is depends on its info string:

=============================  ==============================================================
``console``                    commands after ``$``, each followed by its output, if shown
``bash``                       commands without output
``python``                     code; all blocks of a page share one interpreter
any, with ``title="NAME"``     a file, which is written to the folder of the page
all others                     not executed
=============================  ==============================================================

HTML comments directly above a block say more:

``<!-- not executed: REASON -->``
    The block is skipped.
``<!-- output -->``
    The block shows what the Python block before it printed.
``<!-- fails -->``
    The last command of the block exits with an error, and its message is part of the output.
``<!-- repository: PATH PATH ... -->``
    Copies these files from the repository into the folder, for pages that start from a checkout.

A line ``...`` in shown output leaves out any number of lines.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ELLIPSIS = "..."
TIME_LIMIT = 600

_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w+)?(?P<info>.*)$")
_COMMENT = re.compile(
    r"^ *<!-- (?P<name>not executed|output|fails|repository)(?:: (?P<text>.*))? -->$"
)
_TITLE = re.compile(r'title="([^"]+)"')
_TIME = re.compile(r"\b\d[\d.]* ?(?:s|seconds?|min|minutes?)\b|\b\d+:\d\d:\d\d\b")
_INTERPRETER = """
import contextlib, io, json, os, sys, traceback
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
names = {"__name__": "__main__"}
for line in sys.stdin:
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(json.loads(line), "page", "exec"), names)
    except BaseException:
        error = traceback.format_exc()
    print(json.dumps([printed.getvalue(), error]), file=answers, flush=True)
answers.close()
"""


class PageError(Exception):
    """A block of a page failed."""


@dataclass
class Shown:
    """A command or a Python block, and the lines of the page that show its output."""

    kind: str
    code: str
    line: int
    first: int = 0
    last: int = 0
    indent: str = ""
    output: list[str] = field(default_factory=list)
    printed: str = ""
    fails: bool = False


@dataclass
class Block:
    """A fenced block: its content without indentation and the comments above it."""

    kind: str
    title: str
    lines: list[str]
    first: int
    indent: str
    comments: dict[str, str]


def documented_pages() -> list[Path]:
    """Return the README, the tutorials, the how-to pages and the notebooks."""
    docs = ROOT / "docs"
    return [
        ROOT / "README.md",
        *sorted(docs.glob("tutorial*.md")),
        *sorted((docs / "howto").glob("*.md")),
        *sorted((docs / "notebooks").glob("*.ipynb")),
    ]


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    comments: dict[str, str] = {}
    opened: Block | None = None
    for number, line in enumerate(text.splitlines()):
        fence = _FENCE.match(line)
        if opened is not None:
            if fence and not fence["kind"]:
                yield opened
                opened = None
            else:
                opened.lines.append(line.removeprefix(opened.indent))
            continue
        if fence:
            title = _TITLE.search(fence["info"])
            opened = Block(
                kind=fence["kind"] or "text",
                title=title[1] if title else "",
                lines=[],
                first=number + 1,
                indent=fence["indent"],
                comments=comments,
            )
            comments = {}
        elif comment := _COMMENT.match(line):
            comments[comment["name"]] = comment["text"] or ""
        elif line.strip():
            comments = {}


def read_notebook(text: str) -> Iterator[Shown]:
    """Yield the code cells of a notebook; `line` is the number of the cell."""
    for number, cell in enumerate(json.loads(text)["cells"]):
        if cell["cell_type"] == "code":
            yield Shown("python", "".join(cell["source"]), number)


def read_page(text: str) -> Iterator[Shown | Block]:
    """Yield what a page asks for in order: commands and code as `Shown`, files as `Block`."""
    last_python: Shown | None = None
    for block in read_blocks(text):
        if "repository" in block.comments:
            yield Block("repository", block.comments["repository"], [], block.first, "", {})
        if "not executed" in block.comments:
            last_python = None
        elif "output" in block.comments:
            if last_python is None:
                raise PageError(f"line {block.first}: output without a Python block before it")
            last_python.output = block.lines
            last_python.first, last_python.last = block.first, block.first + len(block.lines)
            last_python.indent = block.indent
        elif block.title:
            yield block
        elif block.kind == "console":
            yield from _console(block)
        elif block.kind == "bash":
            yield Shown("bash", "\n".join(block.lines), block.first)
        elif block.kind == "python":
            last_python = Shown("python", "\n".join(block.lines) + "\n", block.first)
            yield last_python


def _console(block: Block) -> list[Shown]:
    """Split a console block into commands, each with its output."""
    found: list[Shown] = []
    for number, line in enumerate(block.lines, start=block.first):
        if line.startswith("$ "):
            found.append(Shown("bash", line[2:], number, number + 1, number + 1, block.indent))
        elif found and found[-1].code.endswith("\\") and not found[-1].output:
            found[-1].code += "\n" + line
            found[-1].first = found[-1].last = number + 1
        elif found:
            found[-1].output.append(line)
            found[-1].last = number + 1
        else:
            raise PageError(f"line {number + 1}: a console block must begin with '$ '")
    found[-1].fails = "fails" in block.comments
    return found


def install_wheel(folder: Path) -> Path:
    """Build the wheel, install it into a new virtual environment, and return the environment.

    Nothing is downloaded. Dependencies come from the running interpreter's site-packages. Its
    `.pth` files are not read, so an editable installation of the source tree is not found.
    """
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        check=True,
        cwd=ROOT,
        capture_output=True,
        timeout=TIME_LIMIT,
    )
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    python = environment / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(environment)],
        check=True,
        timeout=TIME_LIMIT,
    )
    packages = Path(
        sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)})
    )
    (packages / "dependencies.pth").write_text(
        sysconfig.get_path("purelib") + "\n", encoding="utf-8"
    )
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    offline = ["--no-deps", "--no-index", "--ignore-installed", "--disable-pip-version-check"]
    subprocess.run([*pip, *offline, str(wheel)], check=True, timeout=TIME_LIMIT)
    return environment


def page_environment(environment: Path) -> dict[str, str]:
    """Return the environment variables of a shell in which a virtual environment is active."""
    variables = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
    variables["PATH"] = os.pathsep.join([str(environment / "bin"), os.environ["PATH"]])
    return {**variables, "COLUMNS": "100", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def run_page(page: Path, environment: Path, folder: Path) -> list[Shown]:
    """Run everything that a page shows, in order, and return it with what it printed.

    Parameters
    ----------
    page : Path
        The Markdown file or notebook.
    environment : Path
        A virtual environment with Qantar, from `install_wheel`.
    folder : Path
        An empty folder, the working directory.
    """
    variables = page_environment(environment)
    done: list[Shown] = []
    interpreter: subprocess.Popen[str] | None = None
    try:
        read = read_notebook if page.suffix == ".ipynb" else read_page
        for item in read(page.read_text(encoding="utf-8")):
            if isinstance(item, Block):
                _provide(item, folder)
                continue
            if item.kind == "bash":
                _run_shell(item, page, folder, variables)
            else:
                interpreter = interpreter or subprocess.Popen(
                    [environment / "bin" / "python", "-W", "error", "-c", _INTERPRETER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=folder,
                    env=variables,
                )
                _run_python(item, page, interpreter)
            item.printed = item.printed.replace(f"{folder}/", "")
            done.append(item)
    finally:
        if interpreter is not None:
            interpreter.communicate()
    return done


def _provide(block: Block, folder: Path) -> None:
    """Write a file that a page shows, or copy files from the repository."""
    if block.kind != "repository":
        path = folder / block.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(block.lines) + "\n", encoding="utf-8")
        return
    for name in block.title.split():
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copyfile(source, target)


def _run_shell(item: Shown, page: Path, folder: Path, variables: dict[str, str]) -> None:
    """Run a command or a script of commands."""
    ended = subprocess.run(
        ["bash", "-e", "-c", item.code],
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
    )
    item.printed = ended.stdout + (ended.stderr if item.fails else "")
    if (ended.returncode != 0) != item.fails:
        place = f"{page.name}:{item.line + 1}"
        raise PageError(f"{place}: `{item.code}` exits with {ended.returncode}\n{ended.stderr}")


def _run_python(item: Shown, page: Path, interpreter: subprocess.Popen[str]) -> None:
    """Run a block of Python code in the interpreter of the page."""
    assert interpreter.stdin is not None
    assert interpreter.stdout is not None
    interpreter.stdin.write(json.dumps(item.code) + "\n")
    interpreter.stdin.flush()
    item.printed, error = json.loads(interpreter.stdout.readline())
    if error:
        raise PageError(f"{page.name}:{item.line + 1}: {error}")


def comparable(lines: list[str]) -> list[str]:
    """Return lines without trailing spaces, blank lines at both ends, and run times."""
    stripped = [_TIME.sub("TIME", line).rstrip() for line in lines]
    while stripped and not stripped[-1]:
        stripped.pop()
    while stripped and not stripped[0]:
        stripped.pop(0)
    return stripped


def agrees(shown: list[str], printed: str) -> bool:
    """Say whether shown output is what was printed, with ``...`` for any number of lines."""
    wanted = comparable(shown)
    pattern = "".join(
        "(?:.*\n)*" if line == ELLIPSIS else re.escape(line) + "\n" for line in wanted
    )
    lines = comparable(printed.splitlines())
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def renewed(shown: list[str], printed: str) -> list[str]:
    """Return what to show in place of `shown`, with the same lines left out.

    Between two ``...`` stand as many lines as before, those most similar to the ones shown.
    """
    if agrees(shown, printed):
        return shown
    lines = [line.rstrip() for line in printed.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    if ELLIPSIS not in shown:
        return lines
    parts: list[list[str]] = [[]]
    for line in shown:
        if line == ELLIPSIS:
            parts.append([])
        else:
            parts[-1].append(line)
    tail = len(parts[-1])
    result, position = lines[: len(parts[0])], len(parts[0])
    for part in parts[1:-1]:
        starts = range(position, max(position, len(lines) - tail - len(part)) + 1)
        best = max(starts, key=lambda start: _similarity(part, lines[start : start + len(part)]))
        result += [ELLIPSIS, *lines[best : best + len(part)]]
        position = best + len(part)
    return [*result, ELLIPSIS, *(lines[len(lines) - tail :] if tail else [])]


def _similarity(first: list[str], second: list[str]) -> float:
    """Return how similar two lists of lines are, line by line."""
    return sum(SequenceMatcher(None, a, b).ratio() for a, b in zip(first, second, strict=False))


def renewed_text(text: str, done: list[Shown]) -> str:
    """Return the text of a page with all shown output renewed."""
    lines = text.splitlines()
    for item in sorted(done, key=lambda item: item.first, reverse=True):
        if item.output:
            new = renewed(item.output, item.printed)
            lines[item.first : item.last] = [(item.indent + line).rstrip() for line in new]
    return "\n".join(lines) + "\n"
