FROM node:20
ENV YARN_CACHE_FOLDER=/tmp/.yarn
WORKDIR /app
COPY package.json yarn.lock ./
RUN --mount=type=cache,target=/tmp/.yarn yarn install --frozen-lockfile
COPY . .
RUN --mount=type=cache,target=/tmp/.yarn yarn build
