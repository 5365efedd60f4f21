"""The interface for notebooks: results with short representations, tables, data sets and plots."""
