"""Notebook interface: results with plots, tables and short representations."""
