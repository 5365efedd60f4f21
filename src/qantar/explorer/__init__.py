"""The explorer: a local page on which January 2022 is looked at, changed and checked."""
