require_relative "lib/shop/version"

Gem::Specification.new do |spec|
  spec.name = "shop"
  spec.version = Shop::VERSION
  spec.summary = "A shop"
  spec.authors = ["nobody"]
  spec.files = Dir["lib/**/*.rb"]
  spec.add_dependency "greet", "~> 1.0"
end
