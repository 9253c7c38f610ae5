// The kit for tests of other programs: a real local Scout, and real requests.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { promisify } from 'node:util'
import { ApiKey, createFetch, Signer } from 'scout-auth'
import { LocalScout, startLocalScout } from 'scout-auth/testing'
import { project } from './helper.mjs'

let server
before(async () => {
  server = await startLocalScout()
})
after(() => server.stop())

const send = (scout, credential) => createFetch(credential)(`${scout.url}/v2/workflows`)
const status = async (scout, credential) => (await send(scout, credential)).status
const statuses = async (scout) => (await scout.requests()).map(({ status }) => status)

test('one line starts it and another sends a request', async () => {
  const answer = await (await send(server, server.signer())).json()
  assert.equal(answer.credential_id, server.credential.id)
  assert.deepEqual(answer.roles, ['member'])
  const [{ method, path, headers, bodyLength, credentialId }] = await server.requests()
  assert.deepEqual([method, path, bodyLength, credentialId], ['GET', '/v2/workflows', 0, server.credential.id])
  assert.ok(!headers.some(([name]) => name === 'authorization'))
  assert.ok(server instanceof LocalScout)
})

test('time passes for the server and for the signer', async () => {
  const scout = await server.organization()
  const signer = scout.signer()
  const first = signer.bearer()
  assert.equal(await status(scout, signer), 200)
  await scout.advance(3600)
  assert.equal(await status(scout, new ApiKey(first)), 401)
  assert.equal(await status(scout, signer), 200)
  assert.notEqual(signer.bearer(), first)
  await scout.advance(-7200)
  assert.equal(await status(scout, signer), 200)
  assert.equal(signer.clockOffset, 0)
  await scout.skew(1800)
  assert.equal(await status(scout, signer), 200)
  assert.deepEqual(await statuses(scout), [200, 401, 200, 200, 401, 200])
})

test('a rotation is followed and a disabled credential refused', async () => {
  const scout = await server.organization()
  const [signer, old] = [scout.signer(), scout.credential]
  assert.equal(await status(scout, signer), 200)
  const fresh = await old.rotate()
  assert.deepEqual([fresh.name, fresh.file], ['test-v2', old.file])
  await old.disable()
  assert.equal(await status(scout, signer), 200)
  assert.equal(signer.credentialId, fresh.id)
  assert.deepEqual(await statuses(scout), [200, 401, 200])
  await old.enable()
  await fresh.delete()
  assert.equal(await status(scout, signer), 200)
  await old.delete()
  assert.equal(await status(scout, Signer.fromFile(old.file)), 401)
})

test('requests fail on demand', async () => {
  const scout = await server.organization()
  const signer = scout.signer()
  await scout.fail()
  assert.equal(await status(scout, signer), 200)
  await scout.fail(503, { times: 2, path: '/v2/w', retryAfter: 7 })
  assert.equal((await send(scout, signer)).headers.get('retry-after'), '7')
  assert.equal(await status(scout, signer), 503)
  await scout.cut()
  await assert.rejects(status(scout, signer), TypeError)
  await scout.fail(null, { delay: 0.1 })
  assert.equal(await status(scout, signer), 200)
  assert.deepEqual((await statuses(scout)).slice(0, 4), [401, 200, 503, 503])
})

test('several credentials, a wrong kid and organisations are told apart', async () => {
  const scout = await server.organization()
  const other = await scout.createCredential('other', ['admin'])
  assert.equal(await status(scout, scout.signer(other)), 200)
  assert.equal(await status(scout, scout.signer(undefined, { headerKid: other.kid })), 401)
  assert.equal(await status(scout, ApiKey.fromPrivateKey(other.privateKey)), 200)
  const apart = await server.organization()
  assert.deepEqual(await apart.requests(), [])
  const disable = apart.manage('PATCH', `/v2/organizations/credentials/${other.id}`, { enabled: false })
  await assert.rejects(disable, /ERR_LOCAL_CREDENTIAL_UNKNOWN/)
})

test('its files are for the user alone and gone when it stops', async () => {
  const scout = await startLocalScout()
  const { file } = scout.credential
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(await status(scout, Signer.fromEnv(scout.credential.environment)), 200)
  await scout[Symbol.asyncDispose]()
  await scout.stop()
  assert.ok(!existsSync(file))
  await assert.rejects(fetch(scout.url))
})

const folder = project()
const run = (script, env) => {
  const file = join(folder, 'script.mjs')
  writeFileSync(file, `import { startLocalScout } from 'scout-auth/testing'\n${script}`)
  return promisify(execFile)(process.execPath, [file], { env: { ...process.env, ...env } })
}

test('a program that does not stop it ends, and so does the server', async () => {
  const { stdout } = await run('console.log((await startLocalScout()).url)')
  for (let tries = 0; tries < 200; tries++) {
    const ended = await fetch(stdout.trim()).then(
      () => false,
      () => true,
    )
    if (ended) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('it still runs')
})

test('without the full command, or with a wrong option, it says what is wrong', async () => {
  const say = (options) => `await startLocalScout(${options}).catch(({ message }) => console.log(message))`
  const missing = await run(say(''), { SCOUT_AUTH_TOOLS: '', PATH: '/usr/bin:/bin' })
  assert.match(missing.stdout, /not installed(.|\n)*npm install --save-dev scout-auth-tools/)
  assert.match((await run(say(''), { SCOUT_AUTH_TOOLS: join(folder, 'none') })).stdout, /ENOENT/)
  assert.match((await run(say(`['--nonsense']`))).stdout, /--nonsense/)
})
