"""Deciding which copies may sink below which steps."""
