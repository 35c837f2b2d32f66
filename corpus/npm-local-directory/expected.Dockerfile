FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json ./
COPY libs/money/package.json libs/money/
RUN npm ci
COPY . .
CMD ["node", "src/index.js"]
