FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl
COPY tools/ /srv/tools/
COPY src/ /srv/src/
