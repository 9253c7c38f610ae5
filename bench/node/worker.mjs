// The worker of Node. `bench/workers.py` says what it reads and writes.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import * as nodeRs from '@node-rs/jsonwebtoken'
import fastJwt from 'fast-jwt'
import { JWTAccess } from 'google-auth-library'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'

// The packed packages, as a user installs them.
const ours = createRequire(new URL('../../node/test/', import.meta.url))('scout-auth')

const CREDENTIAL_ID = 'cred_bench'
const URL_OF_REQUESTS = 'https://api.scoutos.com/v2/workflows'
const subjects = []
// The tokens to verify. They expire, so they are read again for each batch.
const tokens = {}
const read = (name) => readFileSync(join(process.env.BENCH_KEYS, name), 'utf8')

function claims() {
  const iat = Math.floor(Date.now() / 1000)
  return { iss: 'scout', sub: CREDENTIAL_ID, iat, exp: iat + 300 }
}

function shown(made) {
  return Buffer.isBuffer(made) ? made.toString('base64url') : String(made)
}

function add([task, kind, name], work, bits = '2048') {
  const repeat = (count) => {
    for (let at = 0; at < count; at++) work()
  }
  subjects.push({ id: [task, bits, kind, name], repeat, once: async () => shown(await work()) })
}

function addAsync([task, kind, name], work, bits = '2048') {
  const repeat = async (count) => {
    for (let at = 0; at < count; at++) await work()
  }
  subjects.push({ id: [task, bits, kind, name], repeat, once: async () => shown(await work()) })
}

function addVerifier([kind, name], bits, accept, repeated) {
  const repeat = (count) => {
    const token = tokens[bits]
    for (let at = 0; at < count; at++) accept(token)
  }
  const once = async (other) => {
    try {
      return String((await accept(other)) !== false)
    } catch {
      return 'false'
    }
  }
  subjects.push({ id: ['verify', bits, kind, name], repeat: repeated ?? repeat, once })
}

/** All at once, as a server does that has many requests; the work returns a promise or not. */
function addBurst([kind, name], work) {
  const burst = async (count) => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const cpu = process.cpuUsage()
    const began = performance.now()
    const made = Array.from({ length: count }, work)
    const held = performance.now() - began
    await Promise.all(made)
    const wall = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    delay.disable()
    return [wall * 1e6, (user + system) * 1e3, held * 1e6, delay.max]
  }
  subjects.push({ id: ['burst', '2048', kind, name], burst, once: async () => shown(await work()) })
}

function minting(bits) {
  const [text, pem, kid] = ['key', 'pem', 'kid'].map((form) => read(`${bits}.${form}`))
  const message = Buffer.from(read('message'))
  const loaded = createPrivateKey(pem)
  const header = { alg: 'RS256', typ: 'JWT', kid }
  add(['mint', 'floor', 'node:crypto: the signature alone'], () => sign('sha256', message, loaded), bits)
  const signer = new ours.Signer(CREDENTIAL_ID, ours.PrivateKey.parse(text))
  add(['mint', 'ours', 'scout-auth: mint'], () => signer.mint(), bits)
  add(['mint', 'ours', 'scout-auth: mintToken, key text each call'], () => ours.mintToken(CREDENTIAL_ID, text), bits)
  const byJsonwebtoken = (key) => () => jsonwebtoken.sign(claims(), key, { algorithm: 'RS256', keyid: kid })
  add(['mint', 'peer', 'jsonwebtoken: loaded key'], byJsonwebtoken(loaded), bits)
  add(['mint', 'peer', 'jsonwebtoken: PEM each call'], byJsonwebtoken(pem), bits)
  const byJose = () => new jose.SignJWT(claims()).setProtectedHeader(header).sign(loaded)
  addAsync(['mint', 'peer', 'jose: loaded key'], byJose, bits)
  const fastSign = fastJwt.createSigner({ key: pem, algorithm: 'RS256', kid })
  add(['mint', 'peer', 'fast-jwt: loaded key'], () => fastSign(claims()), bits)
  const options = { algorithm: nodeRs.Algorithm.RS256, keyId: kid }
  add(['mint', 'peer', '@node-rs/jsonwebtoken: PEM each call'], () => nodeRs.signSync(claims(), pem, options), bits)
  if (bits !== '2048') return
  current(signer, pem)
  const byCallback = () =>
    new Promise((resolve, reject) => {
      sign('sha256', message, loaded, (error, made) => (error ? reject(error) : resolve(made)))
    })
  addBurst(['floor', 'node:crypto: the signature alone, with a callback'], byCallback)
  addBurst(['ours', 'scout-auth: mintAsync'], () => signer.mintAsync())
  addBurst(['peer', 'jose: loaded key'], byJose)
  addBurst(['peer', 'jsonwebtoken: loaded key, one after the other'], byJsonwebtoken(loaded))
}

function current(signer, pem) {
  add(['header', 'ours', 'scout-auth: authorization'], () => signer.authorization())
  add(['header', 'ours', 'scout-auth: authorizationFor'], () => signer.authorizationFor(URL_OF_REQUESTS))
  let header = ''
  let expires = 0
  const byHand = () => {
    if (Date.now() / 1000 > expires - 30) {
      header = `Bearer ${signer.mint()}`
      expires = Date.now() / 1000 + 300
    }
    return header
  }
  add(['header', 'peer', 'a cache by hand, no URL checked'], byHand)
  const access = new JWTAccess('scout', pem)
  const ofAccess = () => access.getRequestHeaders(URL_OF_REQUESTS).get('authorization')
  add(['header', 'peer', 'google-auth-library: JWTAccess'], ofAccess)
}

function verifying(bits) {
  const pem = read(`${bits}.public.pem`)
  const loaded = createPublicKey(pem)
  const signature = (text) => {
    const end = text.lastIndexOf('.')
    return verify('sha256', text.slice(0, end), loaded, Buffer.from(text.slice(end + 1), 'base64url'))
  }
  addVerifier(['floor', 'node:crypto: the signature alone'], bits, signature)
  const verifier = new ours.Verifier(pem)
  addVerifier(['ours', 'scout-auth: Verifier'], bits, (text) => verifier.verify(text))
  const options = { algorithms: ['RS256'], issuer: 'scout' }
  addVerifier(['peer', 'jsonwebtoken: loaded key'], bits, (text) => jsonwebtoken.verify(text, loaded, options))
  const byJose = (text) => jose.jwtVerify(text, loaded, options)
  addVerifier(['peer', 'jose: loaded key'], bits, byJose, async (count) => {
    const token = tokens[bits]
    for (let at = 0; at < count; at++) await byJose(token)
  })
  const fastVerify = fastJwt.createVerifier({ key: pem, algorithms: ['RS256'], allowedIss: 'scout' })
  addVerifier(['peer', 'fast-jwt: loaded key'], bits, fastVerify)
  const rules = { algorithms: [nodeRs.Algorithm.RS256], iss: ['scout'] }
  addVerifier(['peer', '@node-rs/jsonwebtoken: PEM each call'], bits, (text) => nodeRs.verifySync(text, pem, rules))
}

function reading() {
  const [text, pem] = ['2048.key', '2048.pem'].map(read)
  add(['kid', 'ours', 'scout-auth: kid, from key text'], () => ours.kid(text))
  const thumbprint = (key) => {
    const { e, kty, n } = createPublicKey(key).export({ format: 'jwk' })
    return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url')
  }
  add(['kid', 'peer', 'node:crypto by hand, from PEM'], () => thumbprint(pem))
  const jwk = createPublicKey(pem).export({ format: 'jwk' })
  addAsync(['kid', 'peer', 'jose: from the public JWK'], () => jose.calculateJwkThumbprint(jwk))
  const armoured = (lines) => `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
  add(['pem', 'ours', 'scout-auth: toPem'], () => ours.toPem(text))
  const four = () => {
    const standard = Buffer.from(text, 'base64url').toString('base64')
    return armoured(standard.match(/.{1,64}/g))
  }
  add(['pem', 'peer', 'four lines of JavaScript, nothing checked'], four)
  const der = Buffer.from(text, 'base64url')
  const load = () => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  add(['pem', 'peer', 'node:crypto: load and write'], () => load().export({ format: 'pem', type: 'pkcs8' }))
  add(['parse', 'ours', 'scout-auth: PrivateKey.parse'], () => ours.PrivateKey.parse(text).kid)
  subjects.push({
    id: ['parse', '2048', 'peer', 'node:crypto: createPrivateKey, nothing checked'],
    repeat: (count) => {
      for (let at = 0; at < count; at++) load()
    },
    once: async () => thumbprint(load()),
  })
}

for (const bits of ['2048', '3072', '4096']) {
  minting(bits)
  verifying(bits)
}
reading()
const version = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version
const peers = ['@node-rs/jsonwebtoken', 'fast-jwt', 'google-auth-library', 'jose', 'jsonwebtoken']
const versions = Object.fromEntries(peers.map((name) => [name, version(name)]))
versions.Node = process.versions.node
versions["Node's OpenSSL"] = process.versions.openssl
console.log(JSON.stringify({ subjects: subjects.map(({ id }) => id), versions }))

for await (const line of createInterface({ input: process.stdin })) {
  const [order, number, argument] = line.split('\t')
  const subject = subjects[Number(number)]
  let answer
  if (order === 'once') answer = await subject.once(argument)
  else if (subject.burst) answer = await subject.burst(Number(argument))
  else {
    tokens[subject.id[1]] = read(`${subject.id[1]}.token`)
    const cpu = process.cpuUsage()
    const began = process.hrtime.bigint()
    await subject.repeat(Number(argument))
    const wall = Number(process.hrtime.bigint() - began)
    const { user, system } = process.cpuUsage(cpu)
    answer = [wall, (user + system) * 1000]
  }
  console.log(JSON.stringify(answer))
}
