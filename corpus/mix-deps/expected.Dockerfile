FROM elixir:1.17-slim
ENV MIX_ENV=prod
WORKDIR /app
COPY mix.exs mix.lock ./
COPY config/ config/
RUN mix deps.get --only prod
RUN mix deps.compile
COPY . .
RUN mix release
