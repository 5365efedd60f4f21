"""Sensitivity: which parameters, mechanisms and chances drive which facts."""

from qantar.study.sensitivity.analysis import Analysis as Analysis
from qantar.study.sensitivity.result import IDLE_BELOW as IDLE_BELOW
from qantar.study.sensitivity.result import Method as Method
from qantar.study.sensitivity.result import Sensitivity as Sensitivity
from qantar.study.sensitivity.result import drivers as drivers
from qantar.study.sensitivity.result import idle as idle
