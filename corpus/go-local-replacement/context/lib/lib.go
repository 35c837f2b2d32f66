package lib

const X = "x"
