"""What the README and the tutorial tell people to type works as it stands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import run_qantar
from qantar.cli.list import source_entries
from qantar.model.hour import FIELDS, mechanisms
from qantar.packs.loading import load_country

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _blocks(name: str) -> list[tuple[str, str]]:
    return BLOCK.findall((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/tutorial.md", "docs/tutorial-compare.md", "docs/tutorial-whatif.md"],
)
def test_a_page_runs_from_top_to_bottom(page: str, tmp_path: Path) -> None:
    """Run every console line, and all Python of the page as one program, in an empty folder."""
    blocks = _blocks(page)
    assert blocks, f"{page} shows nothing to type"
    program = []
    for kind, text in blocks:
        if kind == "python":
            program.append(text)
            continue
        for line in text.splitlines():
            if line.startswith("$ "):
                command, *words = shlex.split(line[2:])
                assert command == "qantar", f"the test cannot call {command}"
                done = run_qantar(*words, folder=tmp_path)
                assert done.returncode == 0, done.stderr
    (tmp_path / "page.py").write_text("\n".join(program), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-W", "error", "page.py"], check=True, cwd=tmp_path, timeout=600
    )


def test_the_command_is_installed_under_its_name(tmp_path: Path) -> None:
    """What the pages show is typed in a shell."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        "qantar list accounts",
        shell=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.stdout == run_qantar("list", "accounts", folder=tmp_path).stdout


def test_the_readme_states_the_sources_as_the_ledger_has_them() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    coded = [each for each in source_entries(load_country("kazakhstan")) if each["claims"]]
    rows = re.findall(r"^\| `(\S+)`.*? \| (.+) \| (.+) \| (.+) \| (.+) \|$", text, re.MULTILINE)
    stated = [row for row in rows if row[0].startswith("seed-")]
    assert stated == [
        (
            each["name"],
            each["author"] or "no author",
            each["date"],
            f"{each['claims']:,}",
            f"{100 * each['share']:.1f} %",
        )
        for each in coded
    ]


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = []
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_odd_protocol_names_every_mechanism_and_parameter() -> None:
    text = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
    for number, name in enumerate(mechanisms(), start=1):
        title = f"### 7.{number} `{name}`"
        assert title in text
        section = text.split(title)[1].split("### ")[0]
        for short in load_country("kazakhstan").parameters.get(name, {}):
            assert f"| `{short}` |" in section, f"{name}.{short}"


def test_the_odd_protocol_names_every_step_and_field() -> None:
    text = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)
    assert steps == [(str(k), name) for k, name in enumerate(mechanisms(), start=1)]
    section = text.split("### Place: what changes\n")[1].split("### ")[0]
    named = {
        name
        for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    assert named == {field.name for field in FIELDS}


def test_the_tables_of_the_model_are_up_to_date() -> None:
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_model_tables.py", "--check"],
        check=True,
        timeout=120,
    )


def test_the_guide_shows_the_example_as_it_is() -> None:
    """Every line of code in the guide stands in the example, in a file of its kind."""
    guide = (ROOT / "docs" / "howto" / "add-a-mechanism.md").read_text(encoding="utf-8")
    example = ROOT / "examples" / "curfew_patrols"
    for kind, ending in (("python", "*.py"), ("toml", "*.toml"), ("yaml", "*.yaml")):
        files = [path.read_text(encoding="utf-8") for path in example.rglob(ending)]
        shown = re.findall(rf"^```{kind}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
        assert shown, kind
        for line in "".join(shown).splitlines():
            if line.strip() not in ("", "..."):
                assert any(line in text.splitlines() for text in files), line
