"""Simulate: synthetic trials with known truth."""
