FROM node:20-slim
WORKDIR /app
COPY frontend/package.json frontend/package-lock.json frontend/
RUN npm --prefix frontend ci --no-audit
COPY . .
CMD ["node", "src/index.js"]
