package main

var commit = "none"

func main() { println(commit) }
