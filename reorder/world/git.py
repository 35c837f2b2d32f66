"""Stub."""
import os
def repository_root(path):
    while True:
        if os.path.exists(os.path.join(path,".git")): return path
        up=os.path.dirname(path)
        if up==path: return None
        path=up
