"""What the sources say about the state, beside what the rules and the histories give."""
