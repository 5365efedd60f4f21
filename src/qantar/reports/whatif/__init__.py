"""The page of a what-if: the worlds side by side, what differs, why, and how far it holds."""

from qantar.reports.whatif.page import render_whatif as render_whatif
