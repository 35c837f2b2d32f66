FROM oven/bun:1.3.6-slim
WORKDIR /app
COPY package.json bun.lock ./
RUN bun i
COPY . .
USER bun
EXPOSE 3000
ENTRYPOINT ["bun", "run", "src/index.ts"]
