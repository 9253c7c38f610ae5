// Compares scout-auth with the JWT libraries of npm, in one run. Each library gets what makes it
// fastest: a key that is parsed already.
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign as engineSign } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import * as nodeRs from '@node-rs/jsonwebtoken'
import fastJwt from 'fast-jwt'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'

const { PrivateKey, Signer, Verifier } = createRequire(new URL('../test/', import.meta.url))('scout-auth')

const ROUNDS = 400
const key = PrivateKey.generate()
const pem = key.toPem()
const keyObject = createPrivateKey(pem)
const publicKey = createPublicKey(pem)
const signer = new Signer('cred_1', key)
const iat = Math.floor(Date.now() / 1000)
const claims = { iss: 'scout', sub: 'cred_1', iat, exp: iat + 300 }
const header = { alg: 'RS256', typ: 'JWT', kid: key.kid }
const token = String(signer.token())

/** Microseconds of one call: the least of the rounds, because noise only ever adds. */
function measure(run, calls) {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    for (let call = 0; call < calls; call++) run()
    best = Math.min(best, performance.now() - start)
  }
  return (best / calls) * 1000
}

function table(title, unit, rows) {
  const ours = rows[0][1]
  console.log(`\n${title}`)
  for (const [name, value] of rows) {
    const ratio = (value / ours).toFixed(2)
    console.log(`  ${name.padEnd(34)}${value.toFixed(unit === 'ns' ? 0 : 2).padStart(10)} ${unit}   × ${ratio}`)
  }
}

/** The contestants take turns, so that a busy machine is so for all of them. */
async function compare(title, calls, contestants) {
  const rows = Object.entries(contestants).map(([name]) => [name, Number.POSITIVE_INFINITY])
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows) {
      const run = contestants[row[0]]
      const start = performance.now()
      for (let call = 0; call < calls; call++) await run()
      row[1] = Math.min(row[1], ((performance.now() - start) / calls) * 1000)
    }
  }
  table(title, 'µs', rows)
}

const message = Buffer.from(token.slice(0, token.lastIndexOf('.')))
const fastSign = fastJwt.createSigner({ key: pem, algorithm: 'RS256', kid: key.kid })
await compare('mint one token (RS256, 2048 bits)', 1, {
  'scout-auth mint()': () => signer.mint(),
  'scout-auth mintAsync()': () => signer.mintAsync(),
  'node:crypto, the signature alone': () => engineSign('sha256', message, keyObject),
  jsonwebtoken: () => jsonwebtoken.sign(claims, keyObject, { algorithm: 'RS256', header }),
  jose: () => new jose.SignJWT(claims).setProtectedHeader(header).sign(keyObject),
  'fast-jwt': () => fastSign(claims),
  '@node-rs/jsonwebtoken': () => nodeRs.signSync(claims, pem, { algorithm: nodeRs.Algorithm.RS256, keyId: key.kid }),
})

const fastVerify = fastJwt.createVerifier({ key: key.publicKey.toPem(), algorithms: ['RS256'] })
const verifier = new Verifier(key.publicKey)
const spki = key.publicKey.toPem()
await compare('verify one token', 5, {
  'scout-auth': () => verifier.verify(token),
  jsonwebtoken: () => jsonwebtoken.verify(token, publicKey, { algorithms: ['RS256'] }),
  jose: () => jose.jwtVerify(token, publicKey),
  'fast-jwt': () => fastVerify(token),
  '@node-rs/jsonwebtoken': () => nodeRs.verifySync(token, spki, { algorithms: [nodeRs.Algorithm.RS256] }),
})

table('the current token', 'ns', [
  ['authorization()', measure(() => signer.authorization(), 2000) * 1000],
  ['token()', measure(() => signer.token(), 2000) * 1000],
  ['authorizationFor(url)', measure(() => signer.authorizationFor('https://api.scoutos.com/v2'), 500) * 1000],
])
console.log('  (authorization() is to stay below 150 ns)')

// A project with the packages that `make dist` made, and the other libraries beside it.
const dist = new URL('../../target/dist/', import.meta.url)
const packages = readdirSync(dist).filter((name) => name.endsWith('.tgz') && !name.includes('tools'))
const project = mkdtempSync(join(tmpdir(), 'scout-auth-'))
writeFileSync(join(project, 'package.json'), '{ "private": true }')
const tarballs = packages.map((name) => fileURLToPath(new URL(name, dist)))
execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: project, stdio: 'ignore' })
const others = fileURLToPath(new URL('../node_modules', import.meta.url))

/** Milliseconds that the program takes to its end, in a new process: the least of the rounds. */
function start(program) {
  const env = { ...process.env, KEY: pem, NODE_PATH: others }
  const file = join(project, 'program.cjs')
  writeFileSync(file, `const t = performance.now(); ${program}; console.log(performance.now() - t)`)
  const run = () => Number(execFileSync(process.execPath, [file], { env, cwd: project }))
  return Math.min(...Array.from({ length: ROUNDS / 20 }, run))
}
const theirs = `const claims = ${JSON.stringify(claims)}, header = ${JSON.stringify(header)}`
table('load, read the key, first token, in a new process', 'ms', [
  ['scout-auth', start("new (require('scout-auth').Signer)('cred_1', process.env.KEY).authorization()")],
  ['node:crypto, no package, no token', start("require('node:crypto').sign('sha256', 'message', process.env.KEY)")],
  [
    'jsonwebtoken',
    start(`${theirs}; require('jsonwebtoken').sign(claims, process.env.KEY, { algorithm: 'RS256', header })`),
  ],
  [
    'fast-jwt',
    start(`${theirs}; require('fast-jwt').createSigner({ key: process.env.KEY, algorithm: 'RS256' })(claims)`),
  ],
  [
    '@node-rs/jsonwebtoken',
    start(`${theirs}; require('@node-rs/jsonwebtoken').signSync(claims, process.env.KEY, { algorithm: 'RS256' })`),
  ],
])
console.log('  (scout-auth is to stay below 3 ms)')
rmSync(project, { recursive: true })

const bursts = []
for (let round = 0; round < 10; round++) bursts.push(await burst())
const least = (name, digits) => Math.min(...bursts.map((burst) => burst[name])).toFixed(digits)
console.log(`\n1000 mintAsync() at once: ${least('wall', 0)} ms, by ${least('cores', 2)} cores or more`)
console.log(
  `  they held the event loop for ${least('held', 1)} ms (to stay below 5 ms); the longest that a timer waited`,
)
console.log(`  while the pool's threads kept all cores busy: ${least('waited', 1)} ms`)

/** Milliseconds for 1000 tokens, for their start, and of the longest wait of a timer; the cores in use. */
async function burst() {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpu = process.cpuUsage()
  const began = performance.now()
  const tokens = Array.from({ length: 1000 }, () => signer.mintAsync())
  const held = performance.now() - began
  await Promise.all(tokens)
  const wall = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  return { wall, held, waited: delay.max / 1e6, cores: (user + system) / 1000 / wall }
}
