FROM node:20-slim
ARG NODE_OPTIONS=--max-old-space-size=4096
ARG MEMORY=2048
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
ENV NODE_OPTIONS="--max-old-space-size=${MEMORY} --openssl-legacy-provider"
CMD ["node", "src/index.js"]
