// Credentials that change while a signer uses them, against real files, programs and servers.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout } from 'node:timers/promises'
import jsonwebtoken from 'jsonwebtoken'
import { createFetch, fromEnv, PrivateKey, ScoutAuthError, Signer } from 'scout-auth'
import { fails, key, serve, temporary } from './helper.mjs'

const other = PrivateKey.generate()
const keys = { cred_1: key, cred_2: other }

/** Writes a credential file as careful programs do: beside it, then renamed. */
function replace(path, text) {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}

const written = (id) => JSON.stringify({ private_key: keys[id].toBase64url(), credential_id: id, kid: keys[id].kid })

/** The path of a new credential file. */
function credentialFile() {
  const path = join(temporary(), 'credential.json')
  replace(path, written('cred_1'))
  return path
}

/** Asserts that all of the signer is that credential, by another JWT library. */
function assertUses(signer, id) {
  const { kid, publicKey } = keys[id]
  const options = { algorithms: ['RS256'], issuer: 'scout', subject: id, complete: true }
  assert.equal(jsonwebtoken.verify(signer.bearer(), publicKey.toPem(), options).header.kid, kid)
  assert.deepEqual([signer.credentialId, signer.kid, signer.publicKey.kid], [id, kid, kid])
}

test('a rotated file replaces credential id, kid and key at once, after a 401', () => {
  const path = credentialFile()
  const signer = Signer.fromFile(path)
  assertUses(signer, 'cred_1')
  replace(path, written('cred_2'))
  assertUses(signer, 'cred_1')
  assert.equal(signer.rejected(signer.token()), true)
  assertUses(signer, 'cred_2')
  assert.equal(signer.sourceError, undefined)
})

test('a rotated file is read when the next token is due', () => {
  const path = credentialFile()
  const signer = Signer.fromFile(path)
  assertUses(signer, 'cred_1')
  replace(path, written('cred_2'))
  signer.invalidate()
  assertUses(signer, 'cred_2')
})

test('a broken file keeps the last good credential and says why, until it is whole again', async () => {
  const path = credentialFile()
  const signer = Signer.fromFile(path)
  replace(path, '{')
  signer.invalidate()
  assertUses(signer, 'cred_1')
  const { sourceError } = signer
  assert.ok(sourceError instanceof ScoutAuthError && sourceError.message.endsWith(`; ${sourceError.help}`))
  assert.deepEqual([sourceError.code, sourceError.number], ['ERR_CREDENTIAL_FORMAT', 323])
  replace(path, written('cred_2'))
  // After a failure it looks once a second.
  while (signer.sourceError) {
    await setTimeout(100)
    signer.invalidate()
    signer.token()
  }
  assertUses(signer, 'cred_2')
})

test('a file that is not there or not a credential is an error at the construction', () => {
  const path = credentialFile()
  assert.throws(() => Signer.fromFile(`${path}.missing`), fails('ERR_CREDENTIAL_UNREADABLE'))
  writeFileSync(path, '{"credential_id":"cred_1"}')
  assert.throws(() => Signer.fromFile(path), fails('ERR_CREDENTIAL_INCOMPLETE'))
  assert.throws(() => Signer.fromFile(5), /: path must be a string; /)
  assert.equal(new Signer('cred_1', key).sourceError, undefined)
})

test('a folder with one file for each field is a credential', () => {
  const folder = join(temporary(), 'secret')
  mkdirSync(folder)
  writeFileSync(join(folder, 'credential_id'), 'cred_2\n')
  writeFileSync(join(folder, 'private_key'), other.toPem())
  assertUses(Signer.fromFile(folder, { kid: other.kid }), 'cred_2')
})

test('a program that prints a credential is run again after a 401', async () => {
  const path = credentialFile()
  const signer = Signer.fromCommand(['cat', path])
  assertUses(signer, 'cred_1')
  replace(path, written('cred_2'))
  // At most once a second.
  while (signer.credentialId === 'cred_1') {
    await setTimeout(100)
    signer.rejected(signer.token())
  }
  assertUses(signer, 'cred_2')
})

test('a program that fails, or that is none, is an error', () => {
  const mistakes = { ERR_COMMAND_ARGUMENTS: [], ERR_COMMAND_FAILED: ['false'], ERR_COMMAND_START: ['/missing/program'] }
  for (const [code, command] of Object.entries(mistakes)) {
    assert.throws(() => Signer.fromCommand(command), fails(code))
  }
  for (const command of ['cat file', undefined, [5]]) {
    assert.throws(() => Signer.fromCommand(command), /: command must be an array of strings; /)
  }
  assert.throws(() => Signer.fromCommand(['true'], { refresh: 0 }), fails('ERR_REFRESH'))
})

test('the environment names a file or a program', () => {
  const path = credentialFile()
  const command = JSON.stringify(['cat', path])
  for (const variables of [{ SCOUT_CREDENTIAL_FILE: path }, { SCOUT_CREDENTIAL_COMMAND: command }]) {
    assertUses(Signer.fromEnv(variables), 'cred_1')
    assertUses(fromEnv(variables, { lifetime: 60 }), 'cred_1')
  }
  const both = { SCOUT_CREDENTIAL_FILE: path, SCOUT_CREDENTIAL_COMMAND: command }
  assert.throws(() => fromEnv(both), fails('ERR_VARIABLE_CONFLICT'))
  rmSync(path)
  assert.throws(() => fromEnv({ SCOUT_CREDENTIAL_FILE: path }), fails('ERR_CREDENTIAL_UNREADABLE'))
})

test('a client does not notice a rotation: the 401 is answered with the new credential', async () => {
  const path = credentialFile()
  const valid = new Set(['cred_1'])
  const { origin, requests } = await serve((request, response) => {
    const token = request.headers.authorization.slice('Bearer '.length)
    const { sub } = jsonwebtoken.decode(token)
    jsonwebtoken.verify(token, keys[sub].publicKey.toPem(), { algorithms: ['RS256'], issuer: 'scout' })
    response.writeHead(valid.has(sub) ? 200 : 401).end(sub)
  })
  const scoutFetch = createFetch(Signer.fromFile(path))
  const ask = async () => (await scoutFetch(origin)).text()
  assert.equal(await ask(), 'cred_1')
  replace(path, written('cred_2'))
  valid.add('cred_2')
  assert.equal(await ask(), 'cred_1')
  valid.delete('cred_1')
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ['cred_2', 'cred_2', 'cred_2'])
  assert.equal(requests.length, 8)
})
