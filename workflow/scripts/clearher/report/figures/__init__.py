"""Figures for print and for the report: pure functions from tables to matplotlib figures."""
