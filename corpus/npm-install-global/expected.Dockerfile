FROM node:20-slim
WORKDIR /app
RUN npm install -g semver@7.6.3
COPY . .
CMD ["node", "src/index.js"]
