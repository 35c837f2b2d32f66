FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python server.py > /built.txt

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends tree && rm -rf /var/lib/apt/lists/*
COPY --from=build /built.txt /srv/
CMD ["tree", "/srv"]
