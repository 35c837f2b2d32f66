FROM rust:1.80 AS build
COPY crates.toml /root/.cargo/config.toml
COPY registry /registry
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates/app/Cargo.toml crates/app/
COPY crates/base/Cargo.toml crates/base/
COPY crates/app/src/main.rs crates/app/src/
RUN cargo fetch
COPY . .
RUN cargo build --release

FROM debian:bookworm-slim
COPY --from=build /src/target/release/app /usr/local/bin/app
CMD ["app"]
