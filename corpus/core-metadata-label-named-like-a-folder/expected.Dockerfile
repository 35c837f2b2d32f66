FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/a/package.json packages/a/
COPY packages/b/package.json packages/b/
RUN npm ci --workspace=@mono/a --include-workspace-root
COPY . .
ARG GIT_SHA=1
LABEL a=$GIT_SHA
CMD ["node", "packages/a/src/main.js"]
