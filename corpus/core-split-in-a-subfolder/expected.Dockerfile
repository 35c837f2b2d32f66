FROM node:20-slim
WORKDIR /app
COPY web/package.json web/package-lock.json web/
RUN cd web && npm ci
COPY . .
RUN cd web && npm run build && cd .. && cp -r web/dist /srv/
