package greet

func G() string { return "" }
