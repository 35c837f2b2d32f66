FROM debian:bookworm-slim
WORKDIR /srv
RUN apt-get update && apt-get install -y --no-install-recommends curl
COPY tools/ /srv/tools/
COPY src/ /srv/src/
CMD ["sh", "/srv/src/main.sh"]
