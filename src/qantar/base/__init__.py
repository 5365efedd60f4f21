"""What every room uses: errors, files, the worker pool, provenance."""
