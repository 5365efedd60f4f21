"""View: a run for people to read, on paper, in a browser or in a terminal."""

from qantar.view.console import scorecard_table as scorecard_table
from qantar.view.report import render_report as render_report
