"""Stub."""
def judge_diff(d,o,n): return None
