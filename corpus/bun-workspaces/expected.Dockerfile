FROM node:20-slim
RUN npm install -g bun@1.2.23
WORKDIR /repo
COPY package.json bun.lock ./
COPY apps/api/package.json apps/api/
COPY packages/money/package.json packages/money/
RUN bun install --production
COPY . .
WORKDIR /repo/apps/api
CMD ["bun", "src/main.ts"]
