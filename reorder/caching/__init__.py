"""Which steps a builder would run again, and why."""
