"""Intake: read every input file, check it, cut it at the data cut, and hand on typed tables."""
