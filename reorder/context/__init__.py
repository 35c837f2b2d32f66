"""The build context and its ignore rules."""
