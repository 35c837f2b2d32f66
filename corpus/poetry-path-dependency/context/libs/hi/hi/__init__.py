HI = "hi"
