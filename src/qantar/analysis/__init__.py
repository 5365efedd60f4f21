"""Analysis of runs: outcomes, scores, what-ifs, sensitivity, inference and comparison."""
