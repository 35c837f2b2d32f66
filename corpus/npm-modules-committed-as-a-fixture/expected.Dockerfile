FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/a/package.json packages/a/
RUN npm ci
COPY . .
CMD ["node", "index.js"]
