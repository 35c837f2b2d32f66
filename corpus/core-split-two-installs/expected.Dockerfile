FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN apt-get update && \
    apt-get install -y --no-install-recommends hello && \
    rm -rf /var/lib/apt/lists/* && \
    npm ci
COPY . .
RUN npm run build
