package main

import "example.com/greet"

func main() { greet.Hello() }
