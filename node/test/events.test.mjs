// What signers tell the channel `scout_auth`.
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { Worker } from 'node:worker_threads'
import { PrivateKey, Signer } from 'scout-auth'
import { fails, key, load, temporary, unsoundKey } from './helper.mjs'

/** Collects the events until the end of a test. */
function listen(t) {
  const events = []
  const listener = (event, channel) => events.push({ channel, ...event })
  subscribe('scout_auth', listener)
  t.after(() => unsubscribe('scout_auth', listener))
  return events
}

const channel = 'scout_auth'

test('a mint is told, also from the thread pool, and a token that is only returned is not', async (t) => {
  const signer = new Signer('cred_1', key)
  const events = listen(t)
  const { expiresAt } = signer.token()
  signer.token()
  assert.deepEqual(events, [{ channel, name: 'minted', kid: key.kid, expiresAt }])
  signer.mint()
  assert.equal(events.length, 2)
  await Promise.all(Array.from({ length: 20 }, () => signer.mintAsync()))
  assert.deepEqual(
    events.map(({ name, kid }) => [name, kid]),
    Array(22).fill(['minted', key.kid]),
  )
})

test('a rotation, a broken source, a 401 and a clock are told, without a secret', (t) => {
  const path = join(temporary(), 'credential.json')
  const other = PrivateKey.generate()
  const replace = (text) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  replace(JSON.stringify({ private_key: key.toBase64url(), credential_id: 'cred_1' }))
  const signer = Signer.fromFile(path)
  const first = signer.token()
  const events = listen(t)

  replace(JSON.stringify({ private_key: other.toBase64url(), credential_id: 'cred_2' }))
  signer.rejected(first)
  const second = signer.token()
  replace(`{"private_key": "${key.toBase64url()}"`)
  signer.invalidate()
  const third = signer.token()
  signer.rejected('another', new Date(Date.now() + 600_000).toUTCString())

  const { code, message } = signer.sourceError
  assert.deepEqual(events, [
    { channel, name: 'rotated', old: key.kid, new: other.kid },
    { channel, name: 'rejected', kid: other.kid, retry: true },
    { channel, name: 'minted', kid: other.kid, expiresAt: second.expiresAt },
    { channel, name: 'source_failed', error: { code, message } },
    { channel, name: 'minted', kid: other.kid, expiresAt: third.expiresAt },
    { channel, name: 'clock_offset', seconds: signer.clockOffset },
    { channel, name: 'rejected', kid: other.kid, retry: true },
  ])
  const told = JSON.stringify(events)
  for (const secret of [key, other].map((one) => one.toBase64url().slice(-40)).concat(first.toString(), `${second}`)) {
    assert.ok(!told.includes(secret))
  }
})

test('what happened before a call failed is told', (t) => {
  const path = join(temporary(), 'credential.json')
  writeFileSync(path, JSON.stringify({ private_key: key.toBase64url(), credential_id: 'cred_1' }))
  const signer = Signer.fromFile(path)
  const jwk = unsoundKey()
  writeFileSync(path, JSON.stringify({ jwk, credential_id: 'cred_2' }))
  const events = listen(t)
  assert.throws(() => signer.token(), fails('ERR_KEY_CANNOT_SIGN'))
  assert.deepEqual(events, [{ channel, name: 'rotated', old: key.kid, new: signer.kid }])
})

test('what happened before somebody subscribed is not told', (t) => {
  const signer = new Signer('cred_1', key)
  signer.token()
  signer.rejected(signer.token())
  assert.deepEqual(listen(t), [])
  const events = listen(t)
  signer.token()
  assert.equal(events.length, 1)
})

test('a subscriber may use the signer of which it hears', (t) => {
  const signer = new Signer('cred_1', key)
  const heard = []
  const listener = ({ name }) => heard.push([name, signer.bearer()])
  subscribe('scout_auth', listener)
  t.after(() => unsubscribe('scout_auth', listener))
  const token = signer.token()
  assert.deepEqual(heard, [['minted', `${token}`]])
})

test('a worker thread hears of its own signers, and of no other thread', async (t) => {
  const here = listen(t)
  const script = `
    const { parentPort } = require('node:worker_threads')
    const names = []
    require('node:diagnostics_channel').subscribe('scout_auth', ({ name, kid }) => names.push(name + ' ' + kid))
    const signer = ${load}.Signer.fromEnv()
    signer.token()
    signer.mintAsync().then(() => {
      signer.rejected(signer.token())
      parentPort.postMessage(names)
    })`
  const there = PrivateKey.generate()
  const env = { SCOUT_PRIVATE_KEY: there.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }
  const worker = new Worker(script, { eval: true, env })
  const signer = new Signer('cred_1', key)
  const told = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
  await Promise.all([told, ...Array.from({ length: 20 }, () => signer.mintAsync())])
  assert.deepEqual(
    await told,
    ['minted', 'minted', 'rejected'].map((name) => `${name} ${there.kid}`),
  )
  assert.deepEqual(
    here.map(({ kid }) => kid),
    Array(20).fill(key.kid),
  )
})
