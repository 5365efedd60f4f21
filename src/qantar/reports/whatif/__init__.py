"""Reports of a what-if: its page, and the sentences and tables that the terminal shows too."""
