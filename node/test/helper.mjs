import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PrivateKey, ScoutAuthError } from 'scout-auth'

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
