import greet

print(greet.HELLO)
