FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/a/package.json packages/a/
COPY packages/b/package.json packages/b/
RUN npm ci --workspace=@mono/a --include-workspace-root
COPY . .
CMD ["node", "packages/a/src/main.js"]
