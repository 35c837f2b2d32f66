module example.com/app

go 1.17

require (
	example.com/greet v1.0.0
	example.com/lib v0.0.0 // ours
)

require example.com/words v1.0.0 // indirect

replace example.com/lib => ./lib
