import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { format, inspect } from 'node:util'
import v8 from 'node:v8'
import axios from 'axios'
import got from 'got'
import { ApiKey, createFetch, gotHooks, interceptAxios, Signer, Verifier } from 'scout-auth'
import { key, load, serve, temporary } from './helper.mjs'

const directory = temporary()
const signer = new Signer('cred_1', key)
const objects = {
  PrivateKey: key,
  Signer: signer,
  ApiKey: ApiKey.fromPrivateKey(key.toBase64url()),
  Token: signer.token(),
  Verifier: new Verifier(key.publicKey),
}
const secrets = [key.toBase64url(), key.toPem(), ...Object.values(JSON.parse(key.toJwk())), signer.authorization()]
  .filter((secret) => secret.length > 60 && !key.publicKey.toJwk().includes(secret))
  .map((secret) => secret.slice(-40))

for (const [name, object] of Object.entries(objects)) {
  test(`${name} shows no secret, however it is printed`, () => {
    const deep = { showHidden: true, depth: null, showProxy: true, getters: false }
    const shown = [
      inspect(object),
      inspect(object, deep),
      format('%o %O %j', object, object, object),
      JSON.stringify(object),
      JSON.stringify({ ...object }),
      inspect(structuredClone(object), deep),
      v8.serialize(object).toString('latin1'),
      String(Object.getOwnPropertyNames(object)),
      name === 'Token' ? '' : `${format('%s', object)}${object}`,
    ].join('\n')
    for (const secret of secrets) assert.ok(!shown.includes(secret), shown)
    assert.ok(inspect(object).startsWith(name))
  })
}

test('a signer shows its credential id and kid, and a key its kid', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(signer)), { credentialId: 'cred_1', kid: key.kid })
  assert.deepEqual(structuredClone(key), { kid: key.kid, bits: 2048 })
})

const failing = {
  'fetch, an error': (origin, fetch) => fetch(origin.replace(/:\d+$/, ':1')),
  'axios, an error': (origin, _, api) => api.get(origin),
  'axios, an error without a response': (_, __, api) => api.get('https://scout.invalid'),
  'axios, an error of its fetch adapter': (origin, _, api) => api.get(origin, { adapter: 'fetch' }),
  'axios, a response': (origin, _, api) => api.get(origin, { validateStatus: null }),
  'got, an error': (origin, _, __, instance) => instance(origin, { retry: { limit: 0 } }),
  'got, an error without a response': (_, __, ___, instance) =>
    instance('https://scout.invalid', { retry: { limit: 0 } }),
}

for (const [name, request] of Object.entries(failing)) {
  test(`${name}: printed or serialised, it shows no header`, async () => {
    const { origin } = await serve((_, response) => response.writeHead(404).end('no'))
    const credential = ApiKey.fromPrivateKey(key.toBase64url())
    const api = interceptAxios(axios.create(), credential)
    const instance = got.extend({ hooks: gotHooks(credential) })
    const result = await request(origin, createFetch(credential), api, instance).catch((error) => error)
    const shown = [inspect(result), inspect(result, { depth: 10 })]
    if (name !== 'axios, a response') shown.push(JSON.stringify(result))
    for (const text of shown) assert.doesNotMatch(text, /Bearer|MII/)
  })
}

test('no private key is in the memory of JavaScript', () => {
  const script = `
    const { PrivateKey, Signer } = ${load}
    globalThis.key = PrivateKey.generate()
    globalThis.signer = new Signer('cred_1', globalThis.key)
    signer.authorization()
    let snapshot = ''
    require('node:v8').getHeapSnapshot().on('data', (chunk) => (snapshot += chunk)).on('end', () => {
      const { d, p, q } = JSON.parse(key.toJwk())
      const secrets = [key.toBase64url().slice(-60), ...[d, p, q].map((text) => text.slice(0, 60))]
      console.log(JSON.stringify([snapshot.includes(key.kid), ...secrets.map((secret) => snapshot.includes(secret))]))
    })`
  const shown = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', cwd: import.meta.dirname })
  assert.deepEqual(JSON.parse(shown), [true, false, false, false, false])
})

if (process.platform === 'linux') {
  test('the text of a private key on its way to JavaScript is left in no memory of the native library', () => {
    const [file, dump] = ['scout.key', 'heap'].map((name) => join(directory, name))
    writeFileSync(file, key.toBase64url())
    // What malloc handed out. The strings of JavaScript are elsewhere.
    const script = `
      const fs = require('node:fs')
      const { derToPem, PrivateKey, pemToDer } = ${load}
      const key = PrivateKey.readFile(${JSON.stringify(file)})
      for (let i = 0; i < 20; i++) {
        derToPem(key.toBase64url()); pemToDer(key.toPem()); key.toJwk()
      }
      const [, from, to] = /^(\\w+)-(\\w+) .*\\[heap\\]$/m.exec(fs.readFileSync('/proc/self/maps', 'utf8'))
      const [start, end] = [from, to].map((address) => parseInt(address, 16))
      const memory = Buffer.alloc(end - start)
      fs.readSync(fs.openSync('/proc/self/mem'), memory, 0, memory.length, start)
      fs.writeFileSync(${JSON.stringify(dump)}, memory)`
    execFileSync(process.execPath, ['-e', script], { cwd: import.meta.dirname })
    const memory = readFileSync(dump, 'latin1')
    const { d, p } = JSON.parse(key.toJwk())
    const texts = [...key.toPem().split('\n').slice(10, -2), d.slice(-60), p.slice(-60), key.toBase64url().slice(-60)]
    assert.deepEqual(
      texts.filter((text) => memory.includes(text)),
      [],
    )
  })
}
