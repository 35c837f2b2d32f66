import sys

sys.exit("this is not the logging module")
