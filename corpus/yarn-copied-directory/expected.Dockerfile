FROM node:20-slim
WORKDIR /app
COPY package.json yarn.lock ./
COPY libs/money/ libs/money/
RUN yarn --frozen-lockfile && yarn cache clean
COPY . .
CMD ["node", "src/index.js"]
