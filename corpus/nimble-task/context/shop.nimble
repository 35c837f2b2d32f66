version = "0.1.0"
author = "A"
description = "shop"
license = "MIT"
srcDir = "src"
bin = @["shop"]
requires "nim >= 1.6.0", "jester"

task release, "":
  exec "sh pack.sh"
