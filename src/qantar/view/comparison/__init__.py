"""The page of a comparison: which account fits best, how sure, and how good the methods are."""

from qantar.view.comparison.page import figure_files as figure_files
from qantar.view.comparison.page import render_comparison as render_comparison
from qantar.view.comparison.shown import Shown as Shown
