module example.com/app

go 1.17

require example.com/greet v1.0.0

require example.com/words v1.0.0 // indirect
