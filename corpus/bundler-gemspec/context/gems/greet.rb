module Greet
  def self.hello = "hello"
end
