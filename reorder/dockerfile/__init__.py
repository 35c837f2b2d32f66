"""Parsing a Dockerfile without losing a byte."""
