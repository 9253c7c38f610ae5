import { execFileSync } from 'node:child_process'
import { checkPrimeSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PrivateKey, ScoutAuthError } from 'scout-auth'

// The full command of this repository.
process.env.SCOUT_AUTH_TOOLS ??= fileURLToPath(new URL('../../target/debug/scout-auth', import.meta.url))

/** The key of all tests that need no other. */
export const key = PrivateKey.generate()

/** A predicate for `assert.throws` and `assert.rejects`. */
export const fails = (code) => (error) => error instanceof ScoutAuthError && error.code === code

const entry = fileURLToPath(import.meta.resolve('scout-auth'))

/** Where the package is. */
export const packageFolder = join(dirname(entry), '..')

/** The expression that loads the package in a script for another process or thread. */
export const load = `require(${JSON.stringify(entry)})`

/** A directory that is gone after the tests of the file. */
export function temporary() {
  const directory = mkdtempSync(join(tmpdir(), 'scout-auth-'))
  after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A folder for programs that import scout-auth, and these other packages. It is gone after the tests. */
export function project(...others) {
  const directory = temporary()
  mkdirSync(join(directory, 'node_modules'))
  symlinkSync(packageFolder, join(directory, 'node_modules/scout-auth'))
  for (const name of others) {
    symlinkSync(new URL(`../node_modules/${name}`, import.meta.url), join(directory, 'node_modules', name))
  }
  return directory
}

/** A server on loopback. `answer(request, response)` is called when the whole body has come. */
export async function serve(answer, tls) {
  const requests = []
  const handle = async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    request.text = Buffer.concat(chunks).toString()
    requests.push(request)
    answer(request, response)
  }
  const server = tls ? https.createServer(tls, handle) : http.createServer(handle)
  await new Promise((resolve) => server.listen(0, 'localhost', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `${tls ? 'https' : 'http'}://localhost:${server.address().port}`, requests }
}

/** A certificate for localhost, made by openssl. */
export function certificate() {
  const at = (name) => join(directory, name)
  const directory = temporary()
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost']
  const subject = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', at('key.pem'), '-out', at('cert.pem')]
  execFileSync('openssl', [...request, ...subject], { stdio: 'ignore' })
  return { key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')) }
}

/** A JWK that passes every check and cannot sign: one of its factors is no prime. */
export function unsoundKey() {
  const jwk = JSON.parse(key.toJwk())
  const [e, q, prime] = [jwk.e, jwk.q, jwk.p].map((text) =>
    BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`),
  )
  let p = prime - 2n
  while ((p * q) >> 2047n !== 1n || checkPrimeSync(p) || (p - 1n) % e === 0n) p -= 2n
  const d = inverse(e, (p - 1n) * (q - 1n))
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const encoded = Object.entries(numbers).map(([name, number]) => [name, encode(number)])
  return { kty: 'RSA', ...Object.fromEntries(encoded) }
}

/** By the extended algorithm of Euclid. */
function inverse(number, modulus) {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

function encode(number) {
  const hex = number.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
}
