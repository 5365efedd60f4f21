"""Parameters of mechanisms and offices: value or prior, unit, grade and reference."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist
from typing import Literal

from pydantic import Field, RootModel, model_validator

from qantar.base.errors import FileError
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.base.provenance import Grade

_STANDARD = NormalDist()


class Prior(Declared):
    """Prior distribution of a free parameter.

    ``normal`` takes mean and sd, ``lognormal`` median and sd of the logarithm, ``uniform`` low
    and high, ``logitnormal`` median (in 0..1) and sd of the logit.
    """

    distribution: Literal["normal", "lognormal", "uniform", "logitnormal"]
    mean: float | None = None
    median: float | None = None
    sd: float | None = Field(default=None, gt=0)
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _complete(self) -> Prior:
        needs = {
            "normal": (self.mean, self.sd),
            "lognormal": (self.median, self.sd),
            "logitnormal": (self.median, self.sd),
            "uniform": (self.low, self.high),
        }[self.distribution]
        if None in needs:
            raise ValueError(f"a {self.distribution} prior needs two numbers")
        if self.distribution == "lognormal" and not (self.median or 0) > 0:
            raise ValueError("the median of a lognormal prior must be above zero")
        if self.distribution == "logitnormal" and not 0 < (self.median or 0) < 1:
            raise ValueError("the median of a logitnormal prior must be between 0 and 1")
        if self.distribution == "uniform" and not (self.low or 0) < (self.high or 0):
            raise ValueError("`low` must be below `high`")
        return self

    def value_at(self, score: float) -> float:
        """Return the value at a standard normal score.

        Parameters
        ----------
        score : float
            0 is the median of the prior, 1 and -1 are one standard deviation away.
        """
        if self.distribution == "normal":
            return _number(self.mean) + _number(self.sd) * score
        if self.distribution == "lognormal":
            return _number(self.median) * math.exp(_number(self.sd) * score)
        if self.distribution == "uniform":
            low, high = _number(self.low), _number(self.high)
            return low + (high - low) * _STANDARD.cdf(score)
        middle = _number(self.median)
        logit = math.log(middle / (1 - middle)) + _number(self.sd) * score
        return 1 / (1 + math.exp(-logit))

    def score_of(self, value: float) -> float:
        """Return the standard normal score of a value (the inverse of `value_at`)."""
        if self.distribution == "normal":
            return (value - _number(self.mean)) / _number(self.sd)
        if self.distribution == "lognormal":
            return math.log(value / _number(self.median)) / _number(self.sd)
        if self.distribution == "uniform":
            low, high = _number(self.low), _number(self.high)
            return _STANDARD.inv_cdf((value - low) / (high - low))
        middle = _number(self.median)
        return (math.log(value / (1 - value)) - math.log(middle / (1 - middle))) / _number(self.sd)

    def describe(self) -> str:
        """Return a description of the prior with its 90 % interval."""
        low, high = self.value_at(-1.645), self.value_at(1.645)
        return f"{self.distribution}, 90 % between {low:.4g} and {high:.4g}"


class Parameter(Declared):
    """A parameter of a mechanism or office."""

    label: str
    unit: str
    value: float | None = None
    low: float
    high: float
    date: str
    grade: Grade
    references: tuple[str, ...] = Field(min_length=1)
    seeds: tuple[str, ...] = ()
    prior: Prior | None = None
    note: str = ""

    @model_validator(mode="after")
    def _in_range(self) -> Parameter:
        if (self.value is None) == (self.prior is None):
            raise ValueError("give either `value` (fixed) or `prior` (free)")
        if not self.low <= self.central <= self.high:
            raise ValueError(f"the value {self.central} is outside {self.low} to {self.high}")
        return self

    @property
    def central(self) -> float:
        """The value of a fixed parameter, or the median of the prior."""
        return self.value if self.prior is None else self.prior.value_at(0.0)  # type: ignore[return-value]

    @property
    def is_free(self) -> bool:
        """Whether the parameter has a prior."""
        return self.prior is not None

    def clip(self, value: float) -> float:
        """Return the value clipped to the allowed range."""
        return min(max(value, self.low), self.high)


class _Parameters(RootModel[dict[str, Parameter]]):
    """A file with the parameters of one mechanism."""


def load_parameters(path: Path) -> dict[str, Parameter]:
    """Return the parameters of one mechanism by name."""
    return read_yaml(path, _Parameters).root


def line_of_parameter(path: Path, name: str) -> int | None:
    """Return the line at which a parameter is declared."""
    return line_of(parse_yaml(path), (name,))


def parameter_file(folder: Path, mechanism: str) -> Path:
    """Return the file that declares a mechanism's parameters.

    Raises
    ------
    FileError
        If there is none.
    """
    path = folder / f"{mechanism}.yaml"
    if not path.is_file():
        raise FileError(path, f"file with the parameters of {mechanism!r} does not exist")
    return path


def _number(value: float | None) -> float:
    if value is None:
        raise ValueError("the prior is incomplete")
    return value
