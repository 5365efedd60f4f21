"""Reading YAML and CSV into declared shapes, with the file and line in every complaint."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from qantar.base.errors import FileError, nearest

_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
LARGEST_FILE = 64 * 1024 * 1024


class Declared(BaseModel):
    """Base of everything read from a pack: frozen, and an unknown key is an error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


Shape = TypeVar("Shape", bound=BaseModel)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    FileError
        If the file is missing, is not UTF-8, is empty or is larger than 64 MiB.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError(path, "the file is too large", expected="at most 64 MiB")
        raw = path.read_bytes()
    except OSError as error:
        raise FileError(
            path, f"cannot be read: {error.strerror}", mend="check its name and who may read it"
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FileError(
            path,
            "is not UTF-8 text",
            line=line,
            value=raw[error.start : error.start + 1],
            mend="save the file as UTF-8",
        ) from error
    if not text.strip():
        raise FileError(path, "is empty", mend="fill it, or remove it")
    return text


def read_yaml(path: Path, shape: type[Shape]) -> Shape:
    """Read one YAML mapping into a declared shape.

    Parameters
    ----------
    path : Path
        The file.
    shape : type
        The pydantic model that says what may stand in it.

    Raises
    ------
    FileError
        With the line, the value, what was expected and, for a misspelt key, the nearest one.
    """
    document = parse_yaml(path)
    try:
        return shape.model_validate(_plain(document))
    except ValidationError as error:
        raise _explain(path, document, error, shape) from error


def parse_yaml(path: Path) -> CommentedMap:
    """Return a YAML file as a mapping that remembers its lines."""
    text = read_text(path)
    try:
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileError(path, f"is not valid YAML: {error.problem}", line=line) from error
    except ValueError as error:
        line, value = _impossible_day(text)
        raise FileError(
            path, f"holds an impossible value: {error}", line=line, value=value
        ) from error
    if not isinstance(document, CommentedMap):
        raise FileError(path, "holds no mapping", expected="`key: value` lines")
    return document


def _impossible_day(text: str) -> tuple[int | None, str | None]:
    """Return the first day that is in no calendar, with its line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for day in _DAY.findall(line):
            try:
                dt.date.fromisoformat(day)
            except ValueError:
                return number, day
    return None, None


def read_csv(path: Path, shape: type[Shape]) -> list[Shape]:
    """Read a CSV with a header, every row into a declared shape.

    Raises
    ------
    FileError
        For a missing or unknown column, a row of the wrong width, or a value out of shape.
    """
    return [row for _, row in read_rows(path, shape)]


def read_rows(path: Path, shape: type[Shape]) -> list[tuple[int, Shape]]:
    """Read a CSV as `read_csv` does, every row with the line on which it begins."""
    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    result = []
    try:
        header = next(rows)
        _check_header(path, header, shape)
        line = rows.line_num + 1
        for cells in rows:
            if cells:
                result.append((line, _row(path, line, header, cells, shape)))
            line = rows.line_num + 1
    except csv.Error as error:
        raise FileError(
            path,
            f"is no readable CSV: {error}",
            line=rows.line_num,
            mend="save it as CSV with commas, text between double quotes and lines that end in LF",
        ) from error
    return result


def _row(path: Path, line: int, header: list[str], cells: list[str], shape: type[Shape]) -> Shape:
    """Return one row in its declared shape."""
    if len(cells) != len(header):
        raise FileError(
            path,
            "has a row of the wrong width",
            line=line,
            value=f"{len(cells)} cells",
            expected=f"{len(header)} cells, as in the header",
            mend="put a text that holds a comma between double quotes",
        )
    record = {key: value for key, value in zip(header, cells, strict=True) if value != ""}
    try:
        return shape.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else ""
        raise FileError(
            path,
            f"column {column!r}: {first['msg']}" if column else first["msg"],
            line=line,
            value=record.get(column, "nothing") if column else None,
            expected=_description(shape, column),
        ) from error


def line_of(document: Any, location: tuple[int | str, ...]) -> int | None:
    """Return the line (from 1) at which a location inside a YAML document stands."""
    line: int | None = None
    node = document
    for step in location:
        try:
            if isinstance(node, CommentedMap) and step in node:
                line = int(node.lc.key(step)[0]) + 1
            elif isinstance(node, CommentedSeq):
                line = int(node.lc.item(step)[0]) + 1
            node = node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line


def _plain(node: Any) -> Any:
    """Strip the line numbers off a YAML tree."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node


def _explain(
    path: Path, document: CommentedMap, error: ValidationError, shape: type[BaseModel]
) -> FileError:
    """Turn the first complaint of pydantic into one that names a line and a remedy."""
    complaints = error.errors()
    misspelt = [each for each in complaints if each["type"] == "extra_forbidden"]
    first = (misspelt or complaints)[0]
    location = tuple(first["loc"])
    name = ".".join(str(step) for step in location)
    missing = first["type"] == "missing"
    line = line_of(document, location[:-1] if missing else location)
    if first["type"] == "extra_forbidden":
        hint = nearest(str(location[-1]), _keys_beside(shape, location))
        return FileError(
            path,
            f"unknown key {name!r}",
            line=line,
            expected=hint or "one of the documented keys",
            mend="correct or remove the key; nothing is assumed in its place",
        )
    value = None if missing else first.get("input")
    return FileError(path, f"{name}: {first['msg']}", line=line or 1, value=value)


def _keys_beside(shape: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys allowed anywhere in a shape, for the nearest-name hint."""
    keys = set(shape.model_fields)
    todo: list[Any] = [field.annotation for field in shape.model_fields.values()]
    seen: set[Any] = set()
    while todo:
        kind = todo.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        todo.extend(getattr(kind, "__args__", ()))
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys.update(kind.model_fields)
            todo.extend(field.annotation for field in kind.model_fields.values())
    return sorted(keys)


def _check_header(path: Path, header: list[str], shape: type[BaseModel]) -> None:
    """Refuse unknown, doubled and missing columns."""
    known = list(shape.model_fields)
    for name in header:
        if name not in known:
            raise FileError(
                path,
                f"unknown column {name!r}",
                line=1,
                expected=nearest(name, known) or ", ".join(known),
            )
    if len(set(header)) != len(header):
        raise FileError(path, "a column stands twice", line=1, value=",".join(header))
    for name, field in shape.model_fields.items():
        if field.is_required() and name not in header:
            raise FileError(path, f"the column {name!r} is missing", line=1, expected=name)


def _description(shape: type[BaseModel], column: str) -> str:
    field = shape.model_fields.get(column)
    return (field.description or "") if field else ""
