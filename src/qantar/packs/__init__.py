"""Country packs: places, groups, offices and parameters, each number with its provenance."""
