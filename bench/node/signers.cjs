// What many signers cost: their number is the argument. Prints JSON.
const { readFileSync } = require('node:fs')
const { PrivateKey, Signer } = require(process.env.BENCH_PACKAGE)

const count = Number(process.argv[2])
const texts = readFileSync(`${process.env.BENCH_KEYS}/many`, 'utf8').trim().split('\n')
const resident = () => {
  gc()
  return process.memoryUsage.rss()
}
const cpu = () => Number(process.cpuUsage().user + process.cpuUsage().system) * 1000

new Signer('cred', PrivateKey.parse(texts[0])).token()
const before = resident()
const start = cpu()
const signers = Array.from(
  { length: count },
  (_, at) => new Signer(`cred_${at}`, PrivateKey.parse(texts[at % texts.length])),
)
const made = cpu()
for (const signer of signers) signer.token()
console.log(JSON.stringify({ count, bytes: (resident() - before) / count, construct: (made - start) / count }))
