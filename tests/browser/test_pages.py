"""The pages that commands write, as axe-core sees them with everything unfolded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from example_comparison import made_comparison, made_held
from example_whatif import made_whatif
from qantar.packs.evidence import country_ledger, list_targets, reconciled
from qantar.packs.loading import load_country
from qantar.reports.comparison import render_comparison
from qantar.reports.comparison.rows import Shown
from qantar.reports.evidence import render_evidence
from qantar.reports.whatif.page import render_whatif

UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


def evidence() -> str:
    country = load_country("template")
    ledger = country_ledger(country)
    targets = {name: reconciled(country, ledger, name) for name in list_targets(country)}
    return render_evidence(country, ledger, targets)


def whatif() -> str:
    return render_whatif(made_whatif(), {})


def comparison() -> str:
    return render_comparison(Shown(made_comparison(), "An episode", made_held(), None))


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("page", [evidence, whatif, comparison], ids=lambda page: page.__name__)
def test_axe_finds_nothing(browser: Browser, page: Callable[[], str], width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        window = context.new_page()
        window.set_content(page())
        window.evaluate(UNFOLD)
        found = Axe().run(window).response["violations"]
    assert [(each["id"], node["html"]) for each in found for node in each["nodes"]] == []
