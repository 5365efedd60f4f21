"""Fixtures that many test files share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from threadpoolctl import threadpool_limits

from qantar.packs.country import packs_folder


@cache
def parse_text(text: str) -> CommentedMap:
    """Parse a YAML text; an error is raised again every time, because `cache` keeps no errors."""
    return YAML(typ="rt").load(text)


class CachedYAML:
    """Stands in for `ruamel.yaml.YAML` where files are only read."""

    def __init__(self, *, typ: str) -> None:
        assert typ == "rt"

    def load(self, text: str) -> CommentedMap:
        return parse_text(text)


@pytest.fixture(scope="session", autouse=True)
def yaml_parsed_once() -> Iterator[None]:
    """Parse each distinct YAML text once per session.

    Parsing is nine tenths of loading a pack, and the tests load packs thousands of times. The key
    is the text and not the path, so a file that a test has edited is parsed for that test.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qantar.base.files.YAML", CachedYAML)
        yield


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the template pack that a test may edit."""
    folder = tmp_path / "arvenia"
    shutil.copytree(packs_folder() / "template", folder)
    return folder


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small matrices: threads that wait for each other take twenty times as long."""
    with threadpool_limits(1):
        yield
