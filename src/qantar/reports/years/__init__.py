"""The report of a run of the years: figures, rows of tables, and the page."""
