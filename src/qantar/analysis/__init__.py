"""Studies: run, summarise, score, fit."""
