"""Readers of manifests and lock files; none of them executes anything."""
