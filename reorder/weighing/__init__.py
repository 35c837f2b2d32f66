"""What a rebuild costs: the seconds of a step, and how often what stands above it changes."""
