"""From a pack to histories of the years: inputs, scenario, and runs."""
