"""One file per program: what it reads, what it writes, and how that is known."""
