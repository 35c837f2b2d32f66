all:
	echo done > made
