FROM debian:bookworm-slim AS server
RUN apt-get update && apt-get install -y --no-install-recommends ruby bundler && rm -rf /var/lib/apt/lists/*
COPY gems /gems
RUN cd /gems && mkdir gems && SOURCE_DATE_EPOCH=0 gem build --quiet --output gems/greet-1.0.0.gem greet.spec \
    && gem generate_index --quiet --directory . && gzip -nf *specs.4.8

FROM server
WORKDIR /app
COPY Gemfile Gemfile.lock shop.gemspec ./
COPY lib/shop/version.rb lib/shop/
RUN BUNDLE_FROZEN=true bundle install
COPY . .
RUN bundle exec ruby app.rb
