"""A Dockerfile as it is and as it would be fixed, played over the history of its repository."""
