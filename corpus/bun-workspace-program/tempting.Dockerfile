FROM node:20-slim
RUN npm install -g bun@1.2.23
WORKDIR /app
COPY package.json bun.lock ./
COPY packages/tool/package.json packages/tool/cli.js packages/tool/
RUN bun install --frozen-lockfile
COPY . .
