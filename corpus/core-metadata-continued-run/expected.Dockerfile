FROM python:3.11-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN set -eux; \
    # what the build needs
    for folder in /data "$HOME/data"; do \
        mkdir -p "$folder"; \
    done; \
    pip install --no-cache-dir idna==3.7; \
    find /usr/local -name '__pycache__' -exec rm -rf {} +
USER nobody
ARG build_date
LABEL built=${build_date:-never}
