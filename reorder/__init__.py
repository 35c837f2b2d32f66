"""dockerfile-fix: reorder Dockerfiles so that dependency installs stay cached."""
