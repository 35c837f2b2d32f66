FROM node:20-slim
WORKDIR /srv
COPY package.json package-lock.json ./
RUN npm ci
COPY src src
ARG GIT_SHA
RUN npm run build
