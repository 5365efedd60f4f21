"""The page of a comparison: which account fits best, how sure, and how good the methods are."""

from qantar.reports.comparison.page import figure_files as figure_files
from qantar.reports.comparison.page import render_comparison as render_comparison
from qantar.reports.comparison.rows import Shown as Shown
