FROM node:20-slim
WORKDIR /app
RUN npm install -g pnpm@9.15.9
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages/api/package.json packages/api/
COPY packages/web/package.json packages/web/
COPY patches/ms@2.1.2.patch patches/
RUN pnpm install
COPY . .
CMD ["node", "packages/api/src/main.js"]
