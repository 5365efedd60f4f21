"""Mechanisms of the month, one a file; `qantar.model.month` runs them in order."""
