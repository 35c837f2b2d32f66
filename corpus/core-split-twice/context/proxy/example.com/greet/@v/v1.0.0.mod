module example.com/greet

go 1.17

require example.com/words v1.0.0
