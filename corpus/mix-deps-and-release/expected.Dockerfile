FROM elixir:1.17-slim
ENV MIX_ENV=prod
WORKDIR /app
COPY mix.exs mix.lock ./
COPY config/ config/
RUN mix local.hex --force && \
    mix do deps.get --only prod, deps.compile
COPY . .
RUN mix release
