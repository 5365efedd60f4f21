"""Reading and writing files: YAML and CSV with line numbers, and atomic writes.

YAML and CSV are read into declared shapes (pydantic); an error names the file and the line.

A file or a folder is written next to its destination, on the same disk, and then renamed. If
writing fails or is interrupted, the partial result is removed. If the process is killed, it remains
under a name that begins with a dot, and nothing appears at the destination.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from qantar.base.errors import FileError, OutputError, nearest
from qantar.base.fast_yaml import NotPlainError, load_mapping

UNFINISHED = ".tmp"
"""Suffix of a file that is being written; one left by a killed process may be deleted."""

CHOOSE_ANOTHER = "choose another --out, or change its permissions; nothing was left behind"
FREE_SPACE = "free some space or choose another --out; nothing was left behind"
FULL = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of the errors of a full disk."""


def refuse_existing(path: Path) -> None:
    """Refuse to overwrite an existing path, or to write where nothing can be written.

    Raises
    ------
    OutputError
        If the path exists, even as a link that leads nowhere, or its folder cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path} exists already", hint="choose another --out, or remove it first")
    folder = next((each for each in path.absolute().parents if each.exists()), Path())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise OutputError(
            f"{path} cannot be written",
            expected=f"{folder} to be a folder that you may write to",
            hint="choose another --out",
        )


@contextmanager
def atomic_file(path: Path, *, hint: str = "") -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name when the body is left without an error.

    Parameters
    ----------
    path : Path
        Missing folders are made. A file of this name is replaced.
    hint : str, optional
        What the user can do if the disk refuses, if that is not to choose another --out.

    Yields
    ------
    binary file
        It is flushed to the disk before it takes its name.

    Raises
    ------
    OutputError
        If the disk refuses. A file that was there before is unchanged.
    """
    who = f"{os.getpid()}-{threading.get_ident()}"
    beside = path.with_name(f".{path.name}.{who}{UNFINISHED}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(f"{path} cannot be written", error, hint) from error


def write_bytes(path: Path, data: bytes, *, hint: str = "") -> None:
    """Write a file atomically; see `atomic_file`."""
    with atomic_file(path, hint=hint) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8 atomically; line ends are not changed."""
    write_bytes(path, text.encode("utf-8"))


class AtomicDirectory:
    """A folder that takes its name when it is complete.

    As a context manager it gives the folder to write into. It takes its name when the body is left
    without an error, and is removed if there was one::

        with AtomicDirectory(destination) as folder:
            (folder / "facts.csv").write_text(text, encoding="utf-8")

    Parameters
    ----------
    destination : Path
        It must not exist. Missing folders above it are made.

    Raises
    ------
    OutputError
        On entering and on leaving, if the destination exists; or if the disk refuses, also within
        the body. Nothing is left behind.
    """

    def __init__(self, destination: Path) -> None:
        self.destination = destination
        self._folder: Path | None = None
        self._made: list[Path] = []

    def __enter__(self) -> Path:
        return self.create()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self.discard()
        if isinstance(error, OSError):
            raise self._error(error) from error

    def create(self) -> Path:
        """Create the folder under a temporary name, and return it.

        Raises
        ------
        OutputError
            If the destination exists, or the disk refuses.
        """
        refuse_existing(self.destination)
        parent = self.destination.parent
        try:
            missing = [folder for folder in (parent, *parent.parents) if not folder.exists()]
            for folder in reversed(missing):
                folder.mkdir(exist_ok=True)
                self._made.append(folder)
            beside = Path(tempfile.mkdtemp(prefix=f".{self.destination.name}-", dir=parent))
            # A folder inside, because that of `mkdtemp` is closed to everybody else.
            self._folder = beside / self.destination.name
            self._folder.mkdir()
        except OSError as error:
            self.discard()
            raise disk_error(f"cannot write into {parent}", error) from error
        return self._folder

    def commit(self) -> None:
        """Rename the folder to its destination.

        Raises
        ------
        OutputError
            If the name has been taken, or the disk refuses.
        """
        if self._folder is None:
            return
        refuse_existing(self.destination)
        try:
            self._folder.rename(self.destination)
        except OSError as error:
            raise self._error(error) from error
        shutil.rmtree(self._folder.parent, ignore_errors=True)
        self._folder, self._made = None, []

    def discard(self) -> None:
        """Remove everything that was created, unless it was committed."""
        if self._folder is not None:
            shutil.rmtree(self._folder.parent, ignore_errors=True)
            self._folder = None
        with suppress(OSError):  # they may contain other files by now
            while self._made:
                self._made.pop().rmdir()

    def _error(self, error: OSError) -> OutputError:
        return disk_error(f"{self.destination} cannot be written", error)


def disk_error(problem: str, error: OSError, hint: str = "") -> OutputError:
    """Return the error of a failed disk operation."""
    return OutputError(
        f"{problem}: {error.strerror or error}",
        hint=hint or (FREE_SPACE if error.errno in FULL else CHOOSE_ANOTHER),
    )


_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
LARGEST_FILE = 64 * 1024 * 1024


class Declared(BaseModel):
    """Base class of everything read from a pack: frozen; unknown keys are errors."""

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
            path, f"cannot be read: {error.strerror}", hint="check the name and its permissions"
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
            hint="save the file as UTF-8",
        ) from error
    if not text.strip():
        raise FileError(path, "is empty", hint="fill it, or remove it")
    return text


def read_yaml(path: Path, shape: type[Shape]) -> Shape:
    """Read one YAML mapping into a declared shape.

    Parameters
    ----------
    path : Path
        The file.
    shape : type
        The pydantic model of its content.

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
    """Return a YAML file as a mapping with line numbers."""
    text = read_text(path)
    with suppress(NotPlainError):
        return load_mapping(text)
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
    """Return the first invalid date, with its line."""
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
            hint="save it as CSV with commas, text between double quotes and lines that end in LF",
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
            hint="put a text that holds a comma between double quotes",
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
            hint=_hint(first),
        ) from error


def _hint(complaint: Any) -> str:
    """Return what to do about a cell that is not one of a few words, or is no fit number."""
    if complaint["type"] == "finite_number":
        return "leave the row out where the number is unknown"
    if complaint["type"] in ("greater_than_equal", "less_than_equal"):
        return "correct the number; is it in the right unit?"
    if complaint["type"] != "literal_error":
        return ""
    words = re.findall(r"'([^']*)'", complaint["ctx"]["expected"])
    return nearest(str(complaint["input"]), words) or f"use one of {', '.join(words)}"


def line_of(document: Any, location: tuple[int | str, ...]) -> int | None:
    """Return the line (from 1) of a location inside a YAML document."""
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
    """Turn the first pydantic error into a `FileError` with a line and a hint."""
    complaints = error.errors()
    misspelt = [each for each in complaints if each["type"] == "extra_forbidden"]
    first = (misspelt or complaints)[0]
    location = tuple(first["loc"])
    name = ".".join(str(step) for step in location)
    missing = first["type"] == "missing"
    line = line_of(document, location[:-1] if missing else location)
    if first["type"] == "extra_forbidden":
        close = nearest(str(location[-1]), _keys_beside(shape, location))
        return FileError(
            path,
            f"unknown key {name!r}",
            line=line,
            expected=close or "one of the documented keys",
            hint="correct or remove the key; nothing is assumed in its place",
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
    """Refuse unknown, duplicate and missing columns."""
    fields = _columns(shape)
    known = list(fields)
    for name in header:
        if name not in known:
            raise FileError(
                path,
                f"unknown column {name!r}",
                line=1,
                expected=nearest(name, known) or ", ".join(known),
            )
    if len(set(header)) != len(header):
        raise FileError(path, "a column appears twice", line=1, value=",".join(header))
    for name, field in fields.items():
        if field.is_required() and name not in header:
            raise FileError(path, f"the column {name!r} is missing", line=1, expected=name)


def _columns(shape: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a row by the name of their column."""
    return {field.alias or name: field for name, field in shape.model_fields.items()}


def _description(shape: type[BaseModel], column: str) -> str:
    field = _columns(shape).get(column)
    return (field.description or "") if field else ""
