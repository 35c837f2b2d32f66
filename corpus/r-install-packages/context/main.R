library(jsonlite)
