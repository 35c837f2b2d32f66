"""What a project says about how its Dockerfiles are to be treated: in files, beside flags and environment variables."""
