FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends composer && rm -rf /var/lib/apt/lists/*
ENV COMPOSER_ALLOW_SUPERUSER=1
COPY packages/greet /packages/greet
WORKDIR /app
COPY composer.json composer.lock ./
RUN composer install --no-interaction --no-dev
COPY . .
