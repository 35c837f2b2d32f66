"""Many repositories: where they come from, the work on one of them, and how it is spread, kept and taken up again."""
