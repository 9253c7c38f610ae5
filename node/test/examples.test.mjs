// The programs in examples/node, as a user runs them.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { mintToken, PrivateKey, Signer, Verifier } from 'scout-auth'
import { key, project, serve } from './helper.mjs'
import { verifying } from './http.mjs'

const folder = project()
cpSync(new URL('../../examples/node', import.meta.url), folder, { recursive: true })

const environment = { PATH: process.env.PATH, SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }

async function call(env, ...args) {
  const options = { cwd: folder, env: { ...environment, ...env } }
  const { code, stdout, stderr } = await promisify(execFile)(process.execPath, ['call.mjs', ...args], options).catch(
    (error) => error,
  )
  return [code ?? 0, stdout, stderr]
}

test('call.mjs sends a request, waits while the server is busy, and prints the answer', async () => {
  const { origin, requests } = await serve((request, response) => {
    if (requests.length === 1) response.writeHead(503, { 'retry-after': '0' }).end('busy')
    else verifying()(request, response)
  })
  assert.deepEqual(await call({ SCOUT_URL: origin }, 'POST', '/v2/x', '{"a":1}'), [0, '{"a":1}\n', ''])
  assert.deepEqual(
    requests.map(({ method, url }) => [method, url]),
    Array(2).fill(['POST', '/v2/x']),
  )
})

test('call.mjs sends no token to another server, and says what is wrong with a credential', async () => {
  assert.match((await call({}, 'GET', 'https://scout.invalid/'))[2], /^ERR_ORIGIN_NOT_ALLOWED: /)
  const [status, , text] = await call({ SCOUT_PRIVATE_KEY: key.publicKey.toPem() }, 'GET', '/v2/x')
  assert.equal(status, 2)
  assert.match(text, /^ERR_KEY_IS_PUBLIC: /)
})

test('server.mjs answers to a valid token, and says why it refuses another', async (t) => {
  writeFileSync(join(folder, 'keys.json'), new Verifier(key.publicKey).toJwkSet())
  const server = spawn(process.execPath, ['server.mjs', 'keys.json', '0'], { cwd: folder, env: environment })
  t.after(() => server.kill())
  const [line] = await once(server.stdout, 'data')
  const url = String(line).match(/http:\S+/)[0]
  const ask = async (authorization) => {
    const response = await fetch(url, { headers: authorization && { authorization } })
    return [response.status, await response.text(), response.headers.get('www-authenticate')]
  }
  assert.deepEqual(await ask(new Signer('cred_1', key).authorization()), [200, 'hello, cred_1\n', null])
  assert.deepEqual(await ask(), [401, 'send a token in the header Authorization\n', 'Bearer'])
  const refusals = {
    ERR_TOKEN_EXPIRED: mintToken('cred_1', key, { issuedAt: 1 }),
    ERR_TOKEN_KID_UNKNOWN: mintToken('cred_1', PrivateKey.generate()),
    ERR_TOKEN_MALFORMED: 'a.b.c',
  }
  for (const [code, token] of Object.entries(refusals)) {
    const reason = `Bearer error="invalid_token", error_description="${code}"`
    assert.deepEqual(await ask(`Bearer ${token}`), [401, `${code}\n`, reason])
  }
})
