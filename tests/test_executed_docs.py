"""The README, the tutorials and the how-to pages run as written, from an installed wheel."""

from __future__ import annotations

import fcntl
import re
from pathlib import Path

import pytest

from doc_pages import (
    ROOT,
    agrees,
    documented_pages,
    install_wheel,
    read_blocks,
    renewed,
    renewed_text,
    run_page,
)

PAGES = documented_pages()
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A virtual environment with the wheel; processes of one test run share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            install_wheel(folder)
            (folder / "done").touch()
    return folder / "environment"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_page_runs_from_top_to_bottom(page: Path, environment: Path, tmp_path: Path) -> None:
    """Run all blocks in order in an empty folder; shown output must be what was printed."""
    different = [
        f"{page.name}:{item.first + 1}: {item.code.strip()}\nprinted:\n{item.printed}"
        for item in run_page(page, environment, tmp_path)
        if item.output and not agrees(item.output, item.printed)
    ]
    assert not different, "\n".join(["run scripts/renew_docs.py", *different])


@pytest.mark.slow
def test_the_pages_run_from_the_wheel_alone(environment: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nimport qantar, sys\nprint(qantar.__file__)\nprint(*sys.path)\n```\n",
        encoding="utf-8",
    )
    (item,) = run_page(page, environment, tmp_path)
    first, paths = item.printed.splitlines()
    assert Path(first).is_relative_to(environment)
    assert not any(Path(path) == ROOT / "src" for path in paths.split())


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_of_a_page_is_in_a_block_that_is_executed(page: Path) -> None:
    for block in read_blocks(page.read_text(encoding="utf-8")):
        if block.kind == "text" and not block.comments and not block.title:
            typed = [line for line in block.lines if re.match(r"\$ |qantar |import |from ", line)]
            assert typed == [], f"{page.name}:{block.first}"


def test_a_block_is_skipped_only_for_a_reason() -> None:
    for page in PAGES:
        for block in read_blocks(page.read_text(encoding="utf-8")):
            assert block.comments.get("not executed", "a reason"), f"{page.name}:{block.first}"


def test_shown_output_must_have_the_printed_numbers() -> None:
    printed = "first 1\nsecond 2   \nthird 3\n\ntook 4.1 s\n"
    assert agrees(["first 1", "second 2", "third 3", "", "took 0.3 s"], printed)
    assert agrees(["first 1", "...", "took 1 s"], printed)
    assert agrees(["...", "third 3", "..."], printed)
    assert not agrees(["first 1"], printed)
    assert not agrees(["first 9", "..."], printed)
    assert not agrees(["...", "third 3"], printed)


def test_renewed_output_leaves_out_the_same_lines() -> None:
    shown = ["a 1", "...", "deaths 5", "...", "end 0"]
    printed = "a 2\nb\nc\ndeaths 7\nd\nend 1\n"
    assert renewed(shown, printed) == ["a 2", "...", "deaths 7", "...", "end 1"]
    assert renewed(["old", "lines"], printed) == printed.splitlines()
    assert renewed(["a 2", "..."], printed) == ["a 2", "..."]


@pytest.mark.slow
def test_a_page_is_renewed_in_place(environment: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '1. File\n\n   ```text title="a.txt"\n   hello\n   ```\n\n'
        "   ```console\n   $ cat a.txt\n   old\n   $ cat a.txt >b.txt\n   ```\n\n"
        "```python\nx = 1\nprint(x + 1)\n```\n\n<!-- output -->\n```text\n3\n```\n\n"
        "<!-- fails -->\n```console\n$ false\n```\n\n"
        "<!-- not executed: a reason -->\n```bash\nfalse\n```\n",
        encoding="utf-8",
    )
    text = page.read_text(encoding="utf-8")
    new = renewed_text(text, run_page(page, environment, tmp_path))
    assert new == text.replace("   old\n", "   hello\n").replace("3\n```", "2\n```")
