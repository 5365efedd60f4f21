"""View: a run for people to read, on paper, in a browser or in a terminal."""
