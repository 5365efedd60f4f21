"""The state in a pack (folder ``state``): constitution, posts, parties, courts, outlets, beliefs.

Every part has a file of its own, is optional, and is read and checked apart from the others.
"""
