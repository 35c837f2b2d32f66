"""Two images held against each other: what may differ, what does, and how it is grouped. Builds nothing."""
