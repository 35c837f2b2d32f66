FROM swift:5.10 AS build
WORKDIR /app
COPY Package.swift Package.resolved ./
RUN swift package resolve
COPY . .
RUN swift build -c release

FROM swift:5.10-slim
COPY --from=build /app/.build/release/Shop /usr/local/bin/shop
