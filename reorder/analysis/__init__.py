"""State, files and effects of each step of a stage."""
