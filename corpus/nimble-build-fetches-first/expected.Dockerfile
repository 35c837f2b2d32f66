FROM nimlang/nim:2.0.0
WORKDIR /app
COPY shop.nimble .
RUN nimble install --depsOnly -y
COPY . .
RUN nimble build -d:release -y
