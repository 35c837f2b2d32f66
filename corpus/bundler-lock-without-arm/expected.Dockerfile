FROM ruby:3.3
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN gem install bundler:2.3.15 && bundle check || bundle install
COPY . .
CMD ["ruby", "app.rb"]
