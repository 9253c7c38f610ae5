// Tokens and keys of the scout-auth command against jsonwebtoken and jose, both ways.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'

const command = process.env.SCOUT_AUTH ?? new URL('../../target/debug/scout-auth', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'scout-auth-'))

function scoutAuth(args, { env = {}, input = '' } = {}) {
  const { PATH } = process.env
  const { status, stdout, stderr } = spawnSync(command, args, { env: { PATH, ...env }, input, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return stdout
}

/** What Scout's page calls derToPem: the key as issued, in lines of 64 characters, with its armour. */
function derToPem(key, type = 'PRIVATE KEY') {
  const lines = Buffer.from(key, 'base64url').toString('base64').match(/.{1,64}/g)
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`].join('\n')
}

for (const bits of [2048, 3072, 4096]) {
  const key = JSON.parse(scoutAuth(['keygen', '--bits', `${bits}`, '--json']))
  const env = { SCOUT_PRIVATE_KEY: key.private_key, SCOUT_CREDENTIAL_ID: 'cred_123', SCOUT_KID: key.kid }
  const pem = derToPem(key.private_key)
  const publicPem = derToPem(key.public_key, 'PUBLIC KEY')
  const keyFile = join(folder, `${bits}.pem`)
  writeFileSync(keyFile, publicPem)
  const claimsAt = (iat) => ({ iss: 'scout', sub: 'cred_123', iat, exp: iat + 300 })
  const header = { alg: 'RS256', typ: 'JWT', kid: key.kid }
  const verify = (token) => JSON.parse(scoutAuth(['verify', '--keys', keyFile, '--json'], { input: token }))

  test(`${bits} bits: our PEM is that of Scout's page and a final newline`, () => {
    assert.equal(scoutAuth(['pem'], { env }), `${pem}\n`)
    assert.equal(scoutAuth(['pem', '--public'], { env }), `${publicPem}\n`)
  })

  test(`${bits} bits: our token is byte for byte the one of Scout's page on jsonwebtoken`, () => {
    const { token, issued_at, expires_at } = JSON.parse(scoutAuth(['token', '--json'], { env }))
    const theirs = jsonwebtoken.sign(claimsAt(issued_at), pem, { algorithm: 'RS256', header: { alg: 'RS256', kid: key.kid } })
    assert.equal(token, theirs)
    assert.equal(expires_at, issued_at + 300)
  })

  test(`${bits} bits: our kid is jose's thumbprint`, async () => {
    const jwk = await jose.exportJWK(createPublicKey(publicPem))
    assert.equal(await jose.calculateJwkThumbprint(jwk, 'sha256'), key.kid)
  })

  test(`${bits} bits: jose and jsonwebtoken accept our token`, async () => {
    const token = scoutAuth(['token'], { env }).trim()
    const { payload, protectedHeader } = await jose.jwtVerify(token, createPublicKey(publicPem), {
      issuer: 'scout',
      subject: 'cred_123',
      algorithms: ['RS256'],
      maxTokenAge: '5 min',
    })
    assert.deepEqual(protectedHeader, header)
    assert.deepEqual(payload, jsonwebtoken.verify(token, publicPem, { algorithms: ['RS256'], issuer: 'scout' }))
  })

  test(`${bits} bits: we accept the tokens of jose and jsonwebtoken`, async () => {
    const iat = Math.floor(Date.now() / 1000)
    const theirs = [
      await new jose.SignJWT(claimsAt(iat)).setProtectedHeader(header).sign(createPrivateKey(pem)),
      jsonwebtoken.sign(claimsAt(iat), pem, { algorithm: 'RS256', keyid: key.kid }),
    ]
    for (const token of theirs) {
      const { credential_id, issued_at, expires_at, kid } = verify(token)
      assert.deepEqual({ credential_id, issued_at, expires_at, kid }, { credential_id: 'cred_123', issued_at: iat, expires_at: iat + 300, kid: key.kid })
    }
  })
}
