"""Architecture: who imports whom, how long files are, and that everything declared is used."""

from __future__ import annotations

import ast
import importlib
import re
import statistics
from pathlib import Path

import pytest

from qantar.model import hour
from qantar.model.mechanism import Mechanism
from qantar.packs.loading import load_country

SOURCE = Path(__file__).resolve().parents[1] / "src" / "qantar"
FILES = sorted(SOURCE.rglob("*.py"))

MAY_IMPORT: dict[str, set[str]] = {
    "base": set(),
    "rng": {"base"},
    "model": {"base", "rng"},
    "evidence": {"base"},
    "packs": {"base", "rng", "model", "evidence"},
    "simulate": {"base", "rng", "model", "packs"},
    "analysis": {"base", "rng", "model", "evidence", "packs", "simulate"},
    "reports": {"base", "evidence", "packs", "simulate", "analysis"},
    "results": {"base", "model", "evidence", "simulate", "analysis", "reports"},
    "api": {
        *("base", "rng", "model", "evidence", "packs", "simulate", "analysis", "reports"),
        "results",
    },
    "explorer": {
        *("base", "model", "evidence", "packs", "simulate", "analysis", "reports", "results"),
    },
    "cli": {
        *("base", "model", "evidence", "packs", "simulate", "analysis", "reports", "results"),
        *("explorer", "api"),
    },
    "__main__": {"cli"},
    "": {"base", "model", "packs", "simulate", "analysis", "api"},
}
"""Which rooms each room may import from. "" is the top of the package, its public interface."""

RUNNERS = {
    "qantar.analysis.run": {"run", "simulate"},
    "qantar.analysis.precedents": {"precedents"},
    "qantar.analysis.whatif.run": {"what_if"},
    "qantar.analysis.whatif.twins": {"run_worlds"},
    "qantar.analysis.inference.calibration": {"calibrate"},
    "qantar.analysis.compare.comparison": {"compare"},
    "qantar.analysis.sensitivity": {"Analysis"},
    "qantar.simulate.ensemble": {"run_ensemble", "run_member", "follow_member", "in_order"},
    "qantar.simulate.scenario": {"make_scenario"},
    "qantar.analysis.years.run": {"run_years", "run_batch"},
    "qantar.analysis.years.study": {"run_study"},
    "qantar.simulate.years.histories": {"run_histories"},
    "qantar.simulate.years.scenario": {"make_years_scenario"},
}
"""What runs the model or starts a long computation: a report draws results and never makes them."""

LONGEST_FILE = 600
LONGEST_MEDIAN = 220


def room_of(path: Path) -> str:
    """Return the room of a file: its folder under the package, or its own name at the top."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(dotted: str) -> bool:
    path = SOURCE.parent.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imported(tree: ast.AST, *, late: bool = True) -> set[str]:
    """Return the Qantar modules that a file imports, also inside functions if `late`."""
    found: set[str] = set()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names if alias.name.split(".")[0] == "qantar")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module and node.module.split(".")[0] == "qantar":
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                found.update(name if is_module(name) else node.module for name in names)
        elif not is_for_types_only(node) and (late or not isinstance(node, ast.FunctionDef)):
            todo.extend(ast.iter_child_nodes(node))
    return found


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_a_room_imports_only_from_the_rooms_it_may(path: Path) -> None:
    room = room_of(path)
    assert room in MAY_IMPORT, f"{room!r} is a new room: state here what it may import"
    rooms = {name.split(".")[1] for name in imported(TREES[path]) if "." in name} - {room}
    assert rooms <= MAY_IMPORT[room]


@pytest.mark.parametrize("module", RUNNERS)
def test_no_report_runs_anything(module: str) -> None:
    loaded = importlib.import_module(module)
    for name in RUNNERS[module]:
        assert hasattr(loaded, name), f"{module}.{name} is gone: correct RUNNERS"
    for path, tree in TREES.items():
        if room_of(path) != "reports":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == module:
                taken = {alias.name for alias in node.names} & RUNNERS[module]
                assert not taken, f"{path.name} imports {taken} from {module}"
            if isinstance(node, ast.ImportFrom) and node.module == module.rpartition(".")[0]:
                names = {alias.name for alias in node.names}
                assert module.rpartition(".")[2] not in names, f"{path.name} imports {module}"


def test_no_cycles() -> None:
    """No module imports itself by way of others while it is being loaded."""
    graph = {module_of(path): imported(tree) for path, tree in TREES.items()}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail[trail.index(module) :], module))
        if module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_files_are_short() -> None:
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in FILES}
    too_long = {p.name: n for p, n in lengths.items() if n > LONGEST_FILE}
    assert not too_long
    assert statistics.median(lengths.values()) < LONGEST_MEDIAN


SAMPLERS = (
    "analysis/inference/",
    "analysis/compare/",
    "analysis/sensitivity",
    "analysis/whatif/",
    "analysis/years/scores",
    "analysis/years/recovery",
    "analysis/years/information",
)
GENERATORS = ("np.random.default_rng", "np.random.Generator", "np.random.RandomState")
"""The last one in the training of networks, which takes the random numbers of scikit-learn."""


def test_no_stream_of_numbers_that_is_consumed() -> None:
    """All luck of the model is keyed: no `random`, no `numpy.random`.

    Samplers and learners of a study may draw from a generator, made from numbers that are given.
    """
    for path, tree in TREES.items():
        sampler = any(room in str(path) for room in SAMPLERS)
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Attribute):
                names = [ast.unparse(node)]
            for name in names:
                consumed = re.match(r"(random|secrets)(\.|$)|(np|numpy)\.random\.", name)
                generator = name in GENERATORS
                assert not consumed or (sampler and generator), path


def mechanisms() -> dict[str, Mechanism]:
    found = {}
    for path in sorted((SOURCE / "model" / "mechanisms").glob("[a-z]*.py")):
        module = importlib.import_module(f"qantar.model.mechanisms.{path.stem}")
        if isinstance(getattr(module, "MECHANISM", None), Mechanism):
            found[path.stem] = module.MECHANISM
    return found


MECHANISMS = mechanisms()


def test_the_hour_is_the_list_that_it_shows() -> None:
    """The docstring of `hour` lists every mechanism in the order in which they run."""
    listed = re.findall(r"^ ?\d+\. (\w+)\s{2,}", hour.__doc__ or "", flags=re.MULTILINE)
    assert listed == [line.name for line in hour.SCHEDULE if isinstance(line, Mechanism)]
    numbers = re.findall(r"^ ?(\d+)\. ", hour.__doc__ or "", flags=re.MULTILINE)
    assert [int(n) for n in numbers] == list(range(1, len(listed) + 1))


def test_no_mechanism_is_forgotten() -> None:
    """A file of the model that declares a mechanism has a line in the hour."""
    assert set(hour.MECHANISMS) == set(MECHANISMS)
    assert all(hour.MECHANISMS[name] is each for name, each in MECHANISMS.items())


def test_every_column_of_old_is_still_recorded() -> None:
    assert [each.name for each in hour.VARIABLES][: len(hour.FIRST_RECORDS)] == [
        *hour.FIRST_RECORDS
    ]
    assert list(hour.TERMS)[: len(hour.FIRST_TERMS)] == [*hour.FIRST_TERMS]


def test_every_mechanism_does_something() -> None:
    assert all(each.begin or each.hour for each in MECHANISMS.values())


@pytest.mark.parametrize("name", MECHANISMS)
def test_a_mechanism_reads_every_number_it_declares(name: str) -> None:
    """A parameter that no code reads would be decoration."""
    mechanism = MECHANISMS[name]
    assert mechanism.name == name
    declared = set(mechanism.parameters._fields) if mechanism.parameters else set()
    tree = TREES[SOURCE / "model" / "mechanisms" / f"{name}.py"]
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "p"
    }
    assert read == declared
    parts = hour.Parameters.__annotations__
    assert (name in parts) == bool(declared)


def test_every_reference_exists() -> None:
    country = load_country("kazakhstan")
    known = {*country.references, *country.sources}
    for mechanism in MECHANISMS.values():
        assert mechanism.references, mechanism.name
        assert set(mechanism.references) <= set(country.references), mechanism.name
    for name, parameters in country.parameters.items():
        for short, parameter in parameters.items():
            assert set(parameter.references) <= known, f"{name}.{short}"
            for passage in parameter.seeds:
                assert passage.partition(":")[0] in country.sources, f"{name}.{short}"


def test_a_calibration_knows_nothing_of_comparisons() -> None:
    """Inside `analysis` too imports go one way: inference comes before compare."""
    for path, tree in TREES.items():
        if "inference" in path.relative_to(SOURCE).parts:
            later = [name for name in imported(tree) if name.startswith("qantar.analysis.compare")]
            assert later == [], path
