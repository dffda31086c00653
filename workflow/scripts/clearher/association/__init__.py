"""Association: the joined analysis set and the declared analyses."""
