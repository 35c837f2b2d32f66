FROM node:20-slim
RUN npm install -g bun@1.2.23
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY patches/ms@2.1.2.patch patches/
RUN bun install --frozen-lockfile
COPY . .
CMD ["bun", "src/main.ts"]
