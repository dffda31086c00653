"""Simulate: synthetic trials with known truth.

A single-arm study of an anti-HER2 antibody-drug conjugate, subject by subject: biology, then what the
clinic, the HER2 laboratory and the sequencing laboratory would have recorded of it, then the trouble that
real data cuts hold. Everything derives from a seed; a subject is the same however many others there are.
"""
