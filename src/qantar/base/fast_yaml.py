"""YAML read by libyaml, many times faster than by ruamel.yaml, with the same result.

`load_mapping` understands what packs are made of: mappings, lists, text, whole and decimal numbers,
true and false, dates. For everything else, such as anchors, tags, numbers in other bases,
duplicate keys and errors, it raises `NotPlainError`: then ruamel.yaml decides what the text means
or what is wrong with it. As in YAML 1.2, ``yes``, ``no``, ``on`` and ``off`` are text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import yaml
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.resolver import implicit_resolvers

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_BEGINS_TEXT = re.compile(r"[^-+.0-9=<!&*~]")
"""How text begins that cannot be anything else, apart from the words above."""

_SPECIAL = [pattern for versions, _, pattern, _ in implicit_resolvers if (1, 2) in versions]
"""Everything that is not text without quotes, as ruamel.yaml has it for YAML 1.2."""


_UNUSUAL = re.compile(r"[\t\r\x85\u2028\u2029\ufeff]")
"""Spaces and ends of lines that libyaml and ruamel.yaml treat differently."""


class NotPlainError(Exception):
    """The text is not valid YAML, or uses more of YAML than this module reads."""


def load_mapping(text: str) -> CommentedMap:
    """Return the mapping in a text with the lines of its keys and items, but without comments.

    Parameters
    ----------
    text : str

    Raises
    ------
    NotPlainError
        If the text is not a valid mapping of plain values.
    """
    if not yaml.__with_libyaml__ or _UNUSUAL.search(text):
        raise NotPlainError
    loader = yaml.CLoader(text)
    event = loader.get_event
    try:
        begins = (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.MappingStartEvent)
        first = [event() for _ in begins]
        if not all(map(isinstance, first, begins)) or first[1].version or first[1].tags:
            raise NotPlainError
        document: CommentedMap = _value(event, first[-1])
        if not all(
            isinstance(event(), end) for end in (yaml.DocumentEndEvent, yaml.StreamEndEvent)
        ):
            raise NotPlainError
    except (yaml.YAMLError, ValueError) as error:
        raise NotPlainError from error
    finally:
        loader.dispose()
    return document


def _value(get: Callable[[], Any], event: Any) -> Any:
    """Return the value that begins with an event, and take all its events."""
    if isinstance(event, yaml.AliasEvent) or event.anchor or event.tag:
        raise NotPlainError
    if isinstance(event, yaml.ScalarEvent):
        return event.value if event.style else _scalar(event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        items = CommentedSeq()
        while not isinstance(item := get(), yaml.SequenceEndEvent):
            items._yaml_set_idx_line_col(len(items), _at(item))
            items.append(_value(get, item))
        return items
    mapping = CommentedMap()
    while not isinstance(item := get(), yaml.MappingEndEvent):
        key, value = _value(get, item), get()
        if isinstance(key, list | dict) or key in mapping:
            raise NotPlainError
        mapping._yaml_set_kv_line_col(key, _at(item) + _at(value))
        mapping[key] = _value(get, value)
    return mapping


def _at(event: Any) -> list[int]:
    """Return the line and column at which an event begins."""
    return [event.start_mark.line, event.start_mark.column]


def _scalar(text: str) -> Any:
    """Return the value of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if _BEGINS_TEXT.match(text):
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    if _DAY.fullmatch(text):
        return dt.date.fromisoformat(text)
    if any(pattern.match(text) for pattern in _SPECIAL):
        raise NotPlainError
    return text
