FROM dart:3.4 AS build
WORKDIR /app
COPY pubspec.yaml pubspec.lock ./
COPY packages/core/pubspec.yaml packages/core/
RUN dart pub get
COPY . .
RUN dart compile exe bin/server.dart -o bin/server
