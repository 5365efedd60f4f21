"""The mechanisms, one file each; `qantar.model.hour` is their order."""
