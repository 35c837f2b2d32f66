require_relative "lib/cart/version"

Gem::Specification.new do |spec|
  spec.name = "cart"
  spec.version = Cart::VERSION
  spec.summary = "A shop"
  spec.authors = ["nobody"]
  spec.files = Dir["lib/**/*.rb"]
  spec.add_dependency "greet", "~> 1.0"
end
