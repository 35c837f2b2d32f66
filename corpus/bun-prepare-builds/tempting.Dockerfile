FROM node:20-slim
RUN npm install -g bun@1.2.23
WORKDIR /app
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production
COPY . .
