"""The offices of the state: what each sees, and when it decides.

`decide` is the list; each office has a file of its own.
"""
