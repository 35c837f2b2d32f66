FROM node:20-slim
RUN npm install -g pnpm@9.15.9
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc ./
COPY packages/a/package.json packages/a/
COPY packages/b/package.json packages/b/
RUN pnpm install --frozen-lockfile --filter @mono/b...
COPY . .
CMD ["node", "packages/b/src/main.js"]
