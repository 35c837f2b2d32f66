export PIP_NO_CACHE_DIR := 1
STAGE = test
.PHONY: install
install:
	pip install -r ../requirements/$(STAGE).txt
