"""The state in the years: checks against the sources, part by part."""
