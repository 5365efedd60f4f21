"""The offices of the state: the information of each, and when it decides.

`decide` runs them in order; each office has its own file.
"""
