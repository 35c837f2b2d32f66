"""The programs that build images: docker with BuildKit, podman, buildah."""
