FROM node:20-slim AS build
WORKDIR /build
COPY data/ ./data/
RUN mkdir out && cp data/prices.json out/

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl
COPY --from=build /build/out /srv/out
COPY src/ /srv/src/
