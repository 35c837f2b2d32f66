FROM rust:1.80 AS build
COPY crates.toml /root/.cargo/config.toml
COPY registry /registry
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src/lib.rs src/
RUN cargo fetch
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /src/target/release/app /usr/local/bin/app
CMD ["app"]
