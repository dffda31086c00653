"""Variants: read call sets of any caller, annotate, filter with reasons, compare identities."""
