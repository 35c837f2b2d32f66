"""Turning a plan into the smallest edits, and checking the result."""
