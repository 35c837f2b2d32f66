FROM nimlang/nim:2.0.0
WORKDIR /app
COPY shop.nimble .
RUN nimble install -d -y
COPY . .
RUN nimble build -d:release
