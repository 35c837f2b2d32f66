print("root")
