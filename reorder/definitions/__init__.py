"""How a project builds its Dockerfiles: what its compose files, bake files, workflows and scripts say."""
