import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import test from 'node:test'
import {
  ApiKey,
  createFetch,
  derToPem,
  fromEnv,
  gotHooks,
  interceptAxios,
  kid,
  mintToken,
  PrivateKey,
  ScoutAuthError,
  Signer,
  undiciInterceptor,
  Verifier,
  verifyToken,
} from 'scout-auth'
import { fails, key, temporary, unsoundKey } from './helper.mjs'

const require = createRequire(import.meta.url)
const root = new URL('..', import.meta.url).pathname
const library = readdirSync(join(root, 'test/node_modules')).find((name) => name.startsWith('scout-auth-'))
const text = key.toBase64url()
// The vectors have every mistake; here are the types and roads of Node.
const mistakes = {
  'a truncated key': [text.slice(0, 800), 'ERR_KEY_TRUNCATED'],
  'a truncated key in a Buffer': [Buffer.from(text.slice(0, 800)), 'ERR_KEY_TRUNCATED'],
  'the path of a key': ['/run/secrets/key.pem', 'ERR_KEY_IS_PATH'],
  'no key at all': [undefined, 'ERR_ARGUMENT'],
  'a number': [42, 'ERR_ARGUMENT'],
}

for (const [name, [value, code]] of Object.entries(mistakes)) {
  test(`${name} in place of the private key is ${code}`, () => {
    assert.throws(() => new Signer('cred_1', value), fails(code))
    assert.throws(() => PrivateKey.parse(value), fails(code))
  })
}

test('a verifier without a key is ERR_KEY_SET_EMPTY', () => {
  for (const keys of [[], [[]], '{"keys":[]}', ['{"keys":[]}']]) {
    assert.throws(() => new Verifier(keys), fails('ERR_KEY_SET_EMPTY'))
    assert.throws(() => verifyToken('', keys), fails('ERR_KEY_SET_EMPTY'))
  }
})

test('the table of errors that is published is the one of core', () => {
  const { errorTable } = require(library)
  const rows = errorTable()
  assert.ok(rows.length > 60)
  const written = readFileSync(join(root, 'lib/codes.ts'), 'utf8')
  const codes = rows.map(({ code }) => `'${code}'`)
  assert.deepEqual(written.match(/'ERR_\w+'/g), codes)
  const source = readFileSync(join(root, '../core/src/error.rs'), 'utf8')
  const numbers = [...source.matchAll(/= (\d+) "(ERR_\w+)"/g)].map(([, number, code]) => [+number, code])
  assert.deepEqual(
    rows.map(({ number, code }) => [number, code]),
    numbers,
  )
  for (const { code, number, status, help } of rows) {
    const error = new ScoutAuthError(code, '')
    assert.deepEqual([error.number, error.status, error.help], [number, status, help])
  }
})

test('an argument of the wrong type is named, and its value is not shown', () => {
  const secret = { toString: () => 'secret', toJSON: () => 'secret' }
  secret.itself = secret
  const verifier = new Verifier(key.publicKey)
  const fetching = (credential) => () => createFetch(credential)
  const mistakes = [
    [
      () => new Signer('cred_1', undefined),
      /: privateKey must be a PrivateKey, a string, a Uint8Array, a KeyObject or a JWK; /,
    ],
    [() => new Signer('cred_1'), /: privateKey must be /],
    [() => new Signer(secret, key), /: credentialId must be a string; /],
    [() => new Signer('cred_1', key, { lifetime: '60' }), /: lifetime must be a number; /],
    [() => new Signer('cred_1', key, { kid: secret }), /: kid must be a string; /],
    [() => new Signer('cred_1', key, { allowedOrigins: [5] }), /: allowedOrigins must be an array of strings; /],
    [() => new Signer('cred_1', key, { lifetyme: 30 }), /: there is no setting lifetyme, only kid, /],
    [() => new Signer('cred_1', key, 60), /: the settings must be an object; /],
    [() => Signer.fromEnv(null), /: the variables must be an object; /],
    [() => fromEnv(5), /: the variables must be an object; /],
    [() => PrivateKey.parse(secret), /: key must be a string, a Uint8Array, a KeyObject or a JWK; /],
    [() => PrivateKey.readFile(5), /: path must be a string; /],
    [() => kid(null), /: key must be /],
    [() => derToPem(secret), /: key must be /],
    [() => new ApiKey(5), /: key must be a string; /],
    [() => mintToken(secret, key), /: credentialId must be a string; /],
    [() => mintToken('cred_1', key, { issuedAt: '1' }), /: issuedAt must be a number or a Date; /],
    [() => new Verifier(secret), /: keys must be a PublicKey, a string, .*, a JWK set, or an array of these; /],
    [() => verifier.verify(undefined), /: token must be a string or a Token; /],
    [() => verifier.verify('a.b.c', { now: secret }), /: now must be a number or a Date; /],
    [fetching(undefined), /: credential must be a Signer, an ApiKey, or an object with /],
    [fetching('Bearer a'), /: credential must be /],
    [() => gotHooks({}), /: credential must be /],
    [() => interceptAxios({}, null), /: credential must be /],
    [() => undiciInterceptor(new Signer('cred_1', key), 'x'), /: origin must be an absolute URL, such as https:/],
  ]
  for (const [run, message] of mistakes) {
    assert.throws(run, (error) => {
      assert.match(error.message, message)
      return fails('ERR_ARGUMENT')(error) && !error.stack.includes('secret')
    })
  }
  for (const nothing of [null, undefined]) {
    assert.equal(new Signer('cred_1', key, nothing).kid, key.kid)
    assert.equal(new Verifier(key.publicKey, nothing).keys.length, 1)
  }
})

test('a server answers with the status of an error: 401 for a token, 400 for an argument, else 500', () => {
  const caught = (run) => {
    try {
      run()
    } catch ({ code, status, number, message, help }) {
      assert.ok(message.endsWith(`; ${help}`), message)
      return [code, status, number]
    }
  }
  const verifier = new Verifier(key.publicKey)
  assert.deepEqual(
    caught(() => verifier.verify('a.b.c')),
    ['ERR_TOKEN_MALFORMED', 401, 202],
  )
  assert.deepEqual(
    caught(() => verifier.verify(String(mintToken('cred_1', key, { issuedAt: 1 })))),
    ['ERR_TOKEN_EXPIRED', 401, 210],
  )
  assert.deepEqual(
    caught(() => new Signer('cred_1', 5)),
    ['ERR_ARGUMENT', 400, 317],
  )
  assert.deepEqual(
    caught(() => Signer.fromEnv({})),
    ['ERR_VARIABLE_MISSING', 500, 308],
  )
})

test('an error is the same class, with a code and a stack, from functions and promises', async () => {
  const thrown = (run) => {
    try {
      run()
    } catch (error) {
      return error
    }
  }
  const broken = new Signer('cred_1', unsoundKey())
  const errors = [
    thrown(() => broken.mint()),
    thrown(() => broken.token()),
    thrown(() => broken.authorization()),
    await broken.mintAsync().catch((error) => error),
    await Promise.all([broken.mintAsync(), broken.mintAsync()]).catch((error) => error),
  ]
  for (const error of errors) {
    assert.equal(error.code, 'ERR_KEY_CANNOT_SIGN')
    assert.equal(Object.getPrototypeOf(error), ScoutAuthError.prototype)
    assert.ok(error instanceof Error && error.name === 'ScoutAuthError')
    assert.match(error.stack, /^ScoutAuthError: the key makes signatures that its own public key refuses; /)
  }
})

test('no error contains the value that it refuses', () => {
  const secret = `${text.slice(0, 500)}!${text.slice(500)}`
  for (const run of [
    () => PrivateKey.parse(secret),
    () => new Signer(secret, key),
    () => new Signer('cred_1', key, { kid: secret }),
    () => new Signer('cred_1', key, { lifetime: secret }),
    () => new Signer({ secret }, key),
    () => new ApiKey(`${secret} `),
    () => verifyToken(secret, key.publicKey),
    () => new Signer('cred_1', key).authorizationFor(secret),
  ]) {
    assert.throws(run, (error) => {
      const shown = `${error.stack}${JSON.stringify(error)}${error.cause}`
      return error instanceof ScoutAuthError && !shown.includes(text.slice(0, 20))
    })
  }
})

test('every function of the native library has a boundary for panics', () => {
  for (const name of readdirSync(join(root, 'src'))) {
    const source = readFileSync(join(root, 'src', name), 'utf8')
    for (const [, attributes] of source.matchAll(/#\[napi(.*)\]\n(?:#\[.*\]\n)*pub fn/g)) {
      assert.match(attributes, /catch_unwind|module_exports/, name)
    }
  }
})

test('a panic is ERR_INTERNAL, without its text, from a function, a closure and a promise', async () => {
  const directory = temporary()
  const dist = join(directory, 'dist')
  execFileSync(process.execPath, ['scripts/bundle.mjs', dist, 'native'], { cwd: root })
  const [hooks] = readdirSync(join(root, 'test/hooks')).filter((name) => name.endsWith('.node'))
  cpSync(join(root, 'test/hooks', hooks), join(directory, 'node_modules', library, 'index.node'), { recursive: true })
  const script = `
    const { native, guarded, translated } = require(${JSON.stringify(join(dist, 'native.js'))})
    const report = (error) => console.log(error.name, error.code, error.message)
    try { native.panicInFunction() } catch (error) { report(error) }
    try { guarded(native.panicInClosure())() } catch (error) { report(error) }
    native.panicInTask().catch((error) => report(translated(error)))`
  const shown = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = shown.trim().split('\n')
  assert.equal(lines.length, 3)
  for (const line of lines) assert.match(line, /^ScoutAuthError ERR_INTERNAL scout-auth failed internally; /)
})

test('the hooks that panic are not in the library that is shipped', () => {
  const names = Object.keys(require(library))
  assert.ok(names.includes('signerMintAsync'))
  assert.deepEqual(
    names.filter((name) => name.startsWith('panic')),
    [],
  )
})
