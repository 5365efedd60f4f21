"""Country packs: places, groups, offices and parameters, with where each number comes from."""
