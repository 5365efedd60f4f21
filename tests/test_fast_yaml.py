"""YAML read by libyaml gives the values and lines that ruamel.yaml gives, or is left to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from qantar.base.fast_yaml import NotPlainError, load_mapping

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "packs").rglob("*.yaml"))


def assert_same(fast: Any, slow: Any) -> None:
    """Compare values, order of keys, and lines."""
    assert isinstance(slow, type(fast))
    assert fast == slow or fast != fast
    if isinstance(slow, dict):
        assert list(fast) == list(slow)
        for key in slow:
            assert fast.lc.key(key)[0] == slow.lc.key(key)[0]
            assert_same(fast[key], slow[key])
    elif isinstance(slow, list):
        for number, item in enumerate(slow):
            assert fast.lc.item(number)[0] == slow.lc.item(number)[0]
            assert_same(fast[number], item)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_the_packs_is_read_fast_and_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert_same(load_mapping(text), YAML(typ="rt").load(text))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: &x 1\nb: *x\n",
        "a: !!str 1\n",
        "<<: {b: 1}\n",
        "a: 0x10\n",
        "a: 1_000\n",
        "a: 017\n",
        "a: .5\n",
        "a: .inf\n",
        "a: 2022-02-30\n",
        "a: 2022-01-05T10:00:00\n",
        "a:\t1\n",
        "a: b\u2028c\n",
        "[1, 2]: 3\n",
        "- 1\n",
        "just text\n",
        "a: 1\n---\nb: 2\n",
        "%YAML 1.1\n---\na: on\n",
        "a: [1\n",
        "",
    ],
)
def test_what_is_not_plain_is_left_to_ruamel(text: str) -> None:
    with pytest.raises(NotPlainError):
        load_mapping(text)


scalars = st.one_of(
    st.from_regex(r"[-+]?[0-9_.eE:xob-]{1,9}", fullmatch=True),
    st.sampled_from(
        [
            "on",
            "off",
            "yes",
            "no",
            "y",
            "n",
            "~",
            "null",
            "Null",
            "true",
            "TRUE",
            "=",
            "<<",
            "nan",
            ".nan",
            "inf",
            "1e5",
            "-0",
        ]
    ),
    st.text("abE01 .:#-'\"[]{},&*!|>%@?\n~", max_size=8),
)


@settings(max_examples=500)
@given(st.lists(scalars, min_size=1, max_size=3))
def test_what_both_read_is_the_same(values: list[str]) -> None:
    text = "".join(f"key{number}: {value}\n" for number, value in enumerate(values))
    try:
        fast = load_mapping(text)
        slow = YAML(typ="rt").load(text)
    except (NotPlainError, YAMLError, ValueError):
        return
    assert_same(fast, slow)
