"""The page of evidence: what is established, what is disputed, and why."""
