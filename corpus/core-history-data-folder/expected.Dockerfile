FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY data/ ./data/
COPY src/ ./src/
CMD ["node", "src/main.js"]
