"""The rules for our pages find what they are there to find."""

from __future__ import annotations

import pytest

from html_rules import html_faults

SOUND = (
    '<p id="a">See <a href="#a">it<br>all</a>.</p><ul><li><a href="#a"><div>big</div></a></li></ul>'
    '<svg role="img" aria-label="x"><g id="b"><path d="M0 0"/></g></svg>'
    '<div role="region" aria-label="y"><details><summary>z</summary></details></div>'
)


def test_a_sound_page_has_no_faults() -> None:
    assert html_faults(SOUND) == []


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<span aria-label="none">-</span>', "aria-label on a plain <span>"),
        ("<p><details><summary>x</summary></details></p>", "<details> inside <p>"),
        ("<p><span><div></div></span></p>", "<div> inside <span>"),
        ('<a href="b"><span><a href="c"></a></span></a>', "<a> inside <a>"),
        ("<ul><li></ul>", "</ul> ends no open <ul>"),
        ("<div><p></p>", "<div> is never closed"),
        ("<div/>", "<div/> does not close itself"),
        ('<i id="a"></i><i id="a"></i>', "id 'a' stands 2 times"),
        ('<a href="#b"></a>', "#b leads nowhere"),
        ('<i class="a" class="b"></i>', "<i> has an attribute twice"),
    ],
)
def test_a_fault_is_found(page: str, fault: str) -> None:
    assert any(fault in each for each in html_faults(page)), html_faults(page)
