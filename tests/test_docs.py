"""Links, tables and code listings of the documentation are up to date."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from qantar.cli.list import source_entries
from qantar.model.hour import FIELDS, mechanisms
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


def test_the_tables_of_the_model_are_up_to_date() -> None:
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_model_tables.py", "--check"],
        check=True,
        timeout=120,
    )


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
