FROM debian:bookworm-slim AS server
RUN apt-get update && apt-get install -y --no-install-recommends ruby bundler && rm -rf /var/lib/apt/lists/*
COPY gems /gems
RUN cd /gems && mkdir gems && SOURCE_DATE_EPOCH=0 gem build --quiet --output gems/greet-1.0.0.gem greet.spec \
    && gem generate_index --quiet --directory . && gzip -nf *specs.4.8

FROM server
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN bundle install --jobs 4
COPY . .
CMD ["bundle", "exec", "ruby", "app.rb"]
