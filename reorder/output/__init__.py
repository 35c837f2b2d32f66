"""Rendering outcomes."""
