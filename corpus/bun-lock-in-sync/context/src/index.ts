console.log("hono")
