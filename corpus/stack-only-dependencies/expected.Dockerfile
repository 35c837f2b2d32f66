FROM haskell:9.4
WORKDIR /app
COPY stack.yaml stack.yaml.lock shop.cabal ./
RUN stack build --only-dependencies
COPY . .
RUN stack install
