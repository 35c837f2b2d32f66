"""Parsing the shell script inside a RUN."""
