"""Links, tables and code listings of the documentation are up to date."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from qantar.cli.list import source_entries
from qantar.model.hour import FIELDS, mechanisms
from qantar.model.month import COUNTRY_FIELDS, REGION_FIELDS, SCHEDULE
from qantar.model.months.declaration import FRAMES, Past
from qantar.packs.loading import load_country

ROOT = Path(__file__).parents[1]


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


def test_the_protocol_of_the_years_names_every_mechanism_and_parameter() -> None:
    text = (ROOT / "docs" / "odd-years.md").read_text(encoding="utf-8")
    steps = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)
    assert steps == [(str(k), each.name) for k, each in enumerate(SCHEDULE, start=1)]
    for number, mechanism in enumerate(SCHEDULE, start=1):
        section = text.split(f"### 7.{number} `{mechanism.name}`\n")[1].split("\n## ")[0]
        section = section.split("\n### ")[0]
        text_and_formulas = section.split("<!-- table")[0]
        for short in getattr(mechanism.parameters, "_fields", ()):
            assert f"| `{short}` |" in section, f"{mechanism.name}.{short}"
            symbol = re.sub(r"_\d$", "_", short)  # The eight coverages are one formula.
            assert symbol in text_and_formulas, f"{mechanism.name}.{short}: only in the table"


def test_the_protocol_of_the_years_names_every_field_and_every_input() -> None:
    text = (ROOT / "docs" / "odd-years.md").read_text(encoding="utf-8")
    for title, fields in (("The country", COUNTRY_FIELDS), ("A region", REGION_FIELDS)):
        section = text.split(f"### {title}: what changes\n")[1].split("### ")[0]
        named = re.findall(r"^\| `(\w+)` \| `\w+` \|", section, re.MULTILINE)
        assert named == [each.name for each in fields]
    constant = text.split("### What stays\n")[1].split("## ")[0]
    indexing = {"months", "dated_months", "first_triggers", "series", "poverty"}
    for name in Past._fields:
        if not name.endswith(("_count", "_id")) and not name.startswith("series"):
            assert name in indexing or f"`{name}`" in constant, name
    assert all(frame in constant for frame in FRAMES)


@pytest.mark.parametrize(
    "script",
    ["make_model_tables.py", "make_years_tables.py", "make_years_results.py", "make_systems.py"],
)
def test_the_tables_of_the_model_are_up_to_date(script: str) -> None:
    subprocess.run([sys.executable, ROOT / "scripts" / script, "--check"], check=True, timeout=120)


def test_the_page_about_the_years_lists_every_system_with_its_files() -> None:
    text = (ROOT / "docs" / "explanation" / "the-years.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([A-E]\d+) \| (.+) \|$", text, re.MULTILINE))
    sizes = {"A": 12, "B": 12, "C": 6, "D": 7, "E": 6}
    assert list(rows) == [f"{letter}{k + 1}" for letter, n in sizes.items() for k in range(n)]
    for mechanism in SCHEDULE:
        for system in mechanism.systems:
            assert f"`months/{mechanism.name}.py`" in rows[system], f"{system}: {mechanism.name}"
    for row in rows.values():
        for name in re.findall(r"`((?:months|mechanisms|offices)/\w+\.py)`", row):
            assert (ROOT / "src" / "qantar" / "model" / name).is_file(), name


def test_the_guide_shows_the_example_as_it_is() -> None:
    """Every line of code in the guide is in the example, in a file of its kind."""
    guide = (ROOT / "docs" / "howto" / "add-a-mechanism.md").read_text(encoding="utf-8")
    example = ROOT / "examples" / "curfew_patrols"
    for kind, ending in (("python", "*.py"), ("toml", "*.toml"), ("yaml", "*.yaml")):
        files = [path.read_text(encoding="utf-8") for path in example.rglob(ending)]
        shown = [
            block
            for block in re.findall(rf"^```{kind}\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
            # scripts that use Qantar, not part of a mechanism
            if not block.startswith(("import qantar", "from qantar"))
        ]
        assert shown, kind
        for line in "".join(shown).splitlines():
            if line.strip() not in ("", "..."):
                assert any(line in text.splitlines() for text in files), line
