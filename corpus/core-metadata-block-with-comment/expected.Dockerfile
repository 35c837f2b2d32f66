FROM node:20-slim

WORKDIR /srv
COPY package.json package-lock.json ./
RUN npm ci

COPY src src
CMD ["node", "src/index.js"]

# Build-time metadata, see https://github.com/opencontainers/image-spec
ARG BUILD_DATE
ARG VCS_REF

LABEL org.opencontainers.image.created=$BUILD_DATE \
      org.opencontainers.image.revision="${VCS_REF}" \
      org.opencontainers.image.title="a"
