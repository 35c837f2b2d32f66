FROM debian:bookworm-slim
WORKDIR /app
COPY docker/install.sh docker/
RUN ./docker/install.sh tree
COPY . .
CMD ["tree", "/app"]
