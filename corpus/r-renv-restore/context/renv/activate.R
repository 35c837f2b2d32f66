local({})
