FROM node:20-slim
RUN npm install -g yarn@1.22.22 --force
WORKDIR /app
COPY package.json yarn.lock .yarnrc ./
COPY packages/a/package.json packages/a/
COPY packages/b/package.json packages/b/
RUN yarn install --frozen-lockfile
COPY . .
CMD ["node", "packages/b/src/main.js"]
