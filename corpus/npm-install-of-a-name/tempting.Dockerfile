FROM node:20-slim
WORKDIR /app
COPY package.json .
RUN npm install ms@2.1.2
COPY . .
CMD ["node", "src/index.js"]
