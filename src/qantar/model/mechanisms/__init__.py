"""The mechanisms, one file each; `qantar.model.hour` defines their order."""
