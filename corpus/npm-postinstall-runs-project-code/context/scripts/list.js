const fs = require("fs")
fs.writeFileSync("node_modules/list.txt", fs.existsSync("src") ? fs.readdirSync("src").join() : "")
