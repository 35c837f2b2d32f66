"""How to tell the files that can define builds: one small module for each kind; the folder is the registry.

These are imported for every Dockerfile, so they hold a pattern and no more; ``readers`` holds the rest.
"""
