FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends less && rm -rf /var/lib/apt/lists/*
CMD ["less", "--version"]
ARG GIT_SHA
LABEL org.opencontainers.image.revision=$GIT_SHA
