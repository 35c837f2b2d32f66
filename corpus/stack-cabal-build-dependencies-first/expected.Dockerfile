FROM haskell:9.4
WORKDIR /app
RUN cabal update
COPY cabal.project .
COPY core/core.cabal core/
COPY web/web.cabal web/
RUN cabal build all --only-dependencies
COPY . .
RUN cabal build all
