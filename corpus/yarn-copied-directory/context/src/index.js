console.log(require("@shop/money"))
