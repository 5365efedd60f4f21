"""The world outside in a pack: alliances, dependence, statements and memberships."""
