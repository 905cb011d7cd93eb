// The load where there is no wrk: autocannon by its own interface. Argument: a JSON file with url, connections, and
// either seconds and headers, or limit (seconds) and shots: prepared requests ({method, path, headers, body}), each sent once.
const fs = require('fs')
const autocannon = require('autocannon')

const told = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const options = { url: told.url, connections: told.connections, headers: told.headers || {}, timeout: 30 }
if (told.shots) {
  options.connections = Math.min(told.connections, told.shots.length)
  options.amount = told.shots.length
  let number = 0
  options.setupClient = (client) => {
    const mine = told.shots.filter((_, index) => index % options.connections === number)
    number += 1
    client.setRequests(mine)
  }
} else {
  options.duration = told.seconds
}
if (told.limit) {
  setTimeout(() => { console.error(`not ended after ${told.limit} s`); process.exit(1) }, told.limit * 1000).unref()
}
const began = process.hrtime.bigint()
autocannon(options, (error, result) => {
  if (error) { console.error(error); process.exit(1) }
  const seconds = told.shots ? Number(process.hrtime.bigint() - began) / 1e9 : result.duration
  const statuses = {}
  for (const [status, { count }] of Object.entries(result.statusCodeStats || {})) statuses[status] = count
  console.log('guiyi ' + JSON.stringify({
    seconds, statuses, broken: result.errors + result.timeouts, p50: result.latency.p50, p99: result.latency.p99
  }))
})
