require "greet"
puts Greet.hello
