"""Results of the years: runs, tables, likelihood, fit and scores."""
