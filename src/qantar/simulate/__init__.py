"""From a pack, an account and an episode to runs."""
