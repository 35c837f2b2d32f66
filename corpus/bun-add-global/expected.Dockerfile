FROM node:20-slim
RUN npm install -g bun@1.2.23
WORKDIR /app
RUN bun add -g is-number@7.0.0
COPY src src
CMD ["bun", "src/index.ts"]
