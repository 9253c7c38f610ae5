import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import test from 'node:test'
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import * as jose from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import * as esm from 'scout-auth'
import {
  ApiKey,
  derToPem,
  fromEnv,
  kid,
  mintToken,
  PrivateKey,
  PublicKey,
  pemToDer,
  Signer,
  Token,
  toBase64url,
  toPem,
  Verifier,
  verifyToken,
} from 'scout-auth'
import { fails, key, load, temporary } from './helper.mjs'

const ISSUED = 1_800_000_000
const variables = { SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }

test('import and require return the same things', () => {
  const cjs = createRequire(import.meta.url)('scout-auth')
  // What Node adds to the names of a CommonJS module.
  const { default: whole, 'module.exports': _, ...named } = esm
  assert.equal(whole, cjs)
  assert.deepEqual(named, { ...cjs })
})

test('jsonwebtoken and jose verify what is minted, and it says what Scout asks for', async () => {
  const signer = new Signer('cred_1', key, { kid: key.kid })
  for (const token of [signer.mint(), await signer.mintAsync(), signer.token(), mintToken('cred_1', key)]) {
    const { header, payload } = jsonwebtoken.verify(String(token), key.publicKey.toPem(), {
      algorithms: ['RS256'],
      issuer: 'scout',
      complete: true,
    })
    assert.deepEqual(header, { alg: 'RS256', typ: 'JWT', kid: key.kid })
    assert.deepEqual(payload, { iss: 'scout', sub: 'cred_1', iat: token.issuedAt, exp: token.issuedAt + 300 })
    const jwk = await jose.importJWK(JSON.parse(key.publicKey.toJwk()), 'RS256')
    const verified = await jose.jwtVerify(String(token), jwk, { issuer: 'scout', subject: 'cred_1' })
    assert.equal(verified.payload.exp, token.expiresAt)
    assert.equal(token.authorization, `Bearer ${token}`)
  }
})

test('what jsonwebtoken signs is accepted, byte for byte as it is minted', () => {
  const claims = { iss: 'scout', sub: 'cred_1', iat: ISSUED, exp: ISSUED + 300 }
  const header = { alg: 'RS256', typ: 'JWT', kid: key.kid }
  const theirs = jsonwebtoken.sign(claims, key.toPem(), { algorithm: 'RS256', header })
  assert.equal(String(mintToken('cred_1', key, { issuedAt: ISSUED })), theirs)
  assert.equal(verifyToken(theirs, key.publicKey, { now: ISSUED }).credentialId, 'cred_1')
})

test('the kid is the thumbprint that jose computes', async () => {
  const expected = await jose.calculateJwkThumbprint(JSON.parse(key.publicKey.toJwk()))
  for (const given of [key, key.publicKey, key.toBase64url(), key.toPem(), key.toDer(), key.publicKey.toPem()]) {
    assert.equal(kid(given), expected)
  }
  assert.equal(new Signer('cred_1', key).kid, expected)
})

test('a key is taken in every form, as a string, a Buffer or a Uint8Array', () => {
  const text = key.toBase64url()
  const forms = [text, key.toPem(), key.toJwk(), key.toDer(), new Uint8Array(key.toDer()), Buffer.from(text), key]
  for (const form of forms) assert.equal(new Signer('cred_1', form).kid, key.kid)
  assert.equal(PrivateKey.parse(text).bits, 2048)
  assert.equal(PublicKey.parse(key.publicKey.toDer()).kid, key.kid)
  assert.equal(toPem(text), key.toPem())
  assert.equal(toBase64url(key.toPem()), text)
  assert.equal(toPem(key.publicKey.toBase64url()), key.publicKey.toPem())
  // The old names.
  assert.deepEqual([derToPem, pemToDer], [toPem, toBase64url])
})

test('a key is taken as a KeyObject or a parsed JWK, private and public', () => {
  const pem = key.toPem()
  const set = JSON.parse(new Verifier(key.publicKey).toJwkSet())
  for (const form of [createPrivateKey(pem), JSON.parse(key.toJwk())]) {
    assert.equal(new Signer('cred_1', form).kid, key.kid)
    assert.equal(PrivateKey.parse(form).toPem(), pem)
    assert.deepEqual([kid(form), toPem(form), toBase64url(form)], [key.kid, pem, key.toBase64url()])
    assert.throws(() => new Verifier(form), fails('ERR_KEY_IS_PRIVATE'))
  }
  const token = mintToken('cred_1', createPrivateKey(pem))
  for (const form of [createPublicKey(pem), JSON.parse(key.publicKey.toJwk())]) {
    assert.equal(PublicKey.parse(form).kid, key.kid)
    assert.equal(verifyToken(token, form).kid, key.kid)
    assert.throws(() => new Signer('cred_1', form), fails('ERR_KEY_IS_PUBLIC'))
  }
  assert.equal(verifyToken(token, set).kid, key.kid)
  assert.equal(new Verifier([set, PrivateKey.generate().publicKey, createPublicKey(pem)]).keys.length, 2)
})

test('a KeyObject or a JWK that is no RSA key is refused, and what Node exported is wiped', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  assert.throws(() => new Signer('cred_1', privateKey), fails('ERR_KEY_ALGORITHM'))
  assert.throws(() => new Signer('cred_1', privateKey.export({ format: 'jwk' })), fails('ERR_KEY_ALGORITHM'))
  const circular = { kty: 'RSA' }
  circular.itself = circular
  for (const wrong of [createSecretKey(Buffer.from('secret')), circular, {}, { kty: 5 }]) {
    assert.throws(() => new Signer('cred_1', wrong), fails('ERR_ARGUMENT'))
  }
  const object = createPrivateKey(key.toPem())
  const exported = []
  object.export = (...options) => {
    exported.push(Object.getPrototypeOf(object).export.apply(object, options))
    return exported[0]
  }
  assert.equal(PrivateKey.parse(object).kid, key.kid)
  assert.deepEqual([exported.length, exported[0].some((byte) => byte !== 0)], [1, false])
})

test('the PEM is the one that Node writes', () => {
  const theirs = createPrivateKey(key.toPem()).export({ type: 'pkcs8', format: 'pem' })
  assert.equal(key.toPem(), theirs)
})

test('a key file is read', () => {
  const path = join(temporary(), 'key.pem')
  writeFileSync(path, key.toPem())
  assert.equal(PrivateKey.readFile(path).kid, key.kid)
  assert.throws(() => PrivateKey.readFile(`${path}.missing`), fails('ERR_KEY_FILE'))
  assert.equal(Signer.fromEnv({ SCOUT_PRIVATE_KEY_FILE: path, SCOUT_CREDENTIAL_ID: 'cred_1' }).kid, key.kid)
})

test('the current token is kept, and dropped by invalidate', () => {
  const signer = new Signer('cred_1', key, { lifetime: 60, backdate: 1 })
  const token = signer.token()
  assert.equal(signer.token(), token)
  assert.equal(signer.authorization(), token.authorization)
  assert.equal(token.expiresAt - token.issuedAt, 60)
  assert.notEqual(signer.mint(), token)
  assert.equal(signer.token(), token)
  signer.invalidate()
  assert.notEqual(signer.token(), token)
})

test('bearer is what stands behind Bearer, as a string', () => {
  const signer = new Signer('cred_1', key)
  assert.equal(signer.bearer(), String(signer.token()))
  assert.equal(`Bearer ${signer.bearer()}`, signer.authorization())
  assert.equal(new ApiKey('legacy').bearer(), 'legacy')
})

test('what a signer says of its credential cannot be written', () => {
  const signer = new Signer('cred_1', key)
  for (const name of ['kid', 'credentialId', 'publicKey', 'sourceError', 'clockOffset']) {
    assert.throws(() => {
      signer[name] = 'another'
    }, TypeError)
  }
  assert.equal(signer.kid, key.kid)
  assert.equal(inspect(signer).replaceAll(/\s+/g, ' '), `Signer { credentialId: 'cred_1', kid: '${key.kid}' }`)
})

const extra = { roles: ['member', 'viewer'], claims: { z: [1, null, 'é'], a: { date: new Date(0) }, none: undefined } }

test('roles, claims and the kid of the header are in each token, and other libraries read them', async () => {
  const settings = { ...extra, headerKid: 'kid_of_Scout' }
  const expected = {
    roles: ['member', 'viewer'],
    z: [1, null, 'é'],
    a: { date: '1970-01-01T00:00:00.000Z' },
  }
  const variables = { SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }
  const signers = [new Signer('cred_1', key, settings), Signer.fromEnv(variables, settings)]
  for (const token of [...signers.map((signer) => signer.token()), mintToken('cred_1', key, settings)]) {
    const { issuedAt: iat, expiresAt: exp } = token
    const options = { algorithms: ['RS256'], complete: true }
    const { header, payload } = jsonwebtoken.verify(String(token), key.publicKey.toPem(), options)
    assert.deepEqual(header, { alg: 'RS256', typ: 'JWT', kid: 'kid_of_Scout' })
    assert.deepEqual(payload, { iss: 'scout', sub: 'cred_1', iat, exp, ...expected })
    const jwk = await jose.importJWK(JSON.parse(key.publicKey.toJwk()), 'RS256')
    assert.deepEqual((await jose.jwtVerify(String(token), jwk)).payload, payload)

    const set = { keys: [{ ...JSON.parse(key.publicKey.toJwk()), kid: 'kid_of_Scout' }] }
    for (const keys of [set, JSON.stringify(set), [PrivateKey.generate().publicKey, set]]) {
      const claims = verifyToken(token, keys)
      assert.deepEqual([claims.claims, claims.roles, claims.kid], [payload, expected.roles, key.kid])
    }
  }
  const plain = verifyToken(mintToken('cred_1', key), key.publicKey)
  assert.equal(plain.roles, undefined)
})

test('claims of another library are parsed', () => {
  const claims = { iss: 'scout', sub: 'cred_1', iat: ISSUED, exp: ISSUED + 60, roles: ['member'], team: { id: 7 } }
  const theirs = jsonwebtoken.sign(claims, key.toPem(), { algorithm: 'RS256', keyid: key.kid })
  const verified = verifyToken(theirs, key.publicKey, { now: ISSUED })
  assert.deepEqual([verified.claims, verified.roles], [claims, ['member']])
})

test('roles, claims and a kid for the header that cannot be sent are refused by name', () => {
  const circular = {}
  circular.itself = circular
  const throwing = {
    toJSON() {
      throw new Error('secret')
    },
  }
  const mistakes = [
    ...[[], ['a b'], ['']].map((roles) => [{ roles }, 'ERR_ROLES']),
    ...['member', [5], 5].map((roles) => [{ roles }, 'ERR_ARGUMENT']),
    ...['{}', 5, [], true].map((claims) => [{ claims }, 'ERR_ARGUMENT']),
    ...[{ iss: 'a' }, { roles: [] }, { a: 'x'.repeat(4096) }, { a: '\ud800' }].map((claims) => [
      { claims },
      'ERR_CLAIMS',
    ]),
    ...[circular, throwing, new Date(), { toJSON: () => undefined }].map((claims) => [{ claims }, 'ERR_CLAIMS']),
    ...[10n, () => 1, Symbol('s'), Number.NaN, [Number.POSITIVE_INFINITY]].map((a) => [
      { claims: { a } },
      'ERR_CLAIMS',
    ]),
    ...['', 'a b', 'é'].map((headerKid) => [{ headerKid }, 'ERR_HEADER_KID']),
  ]
  for (const [settings, code] of mistakes) {
    for (const make of [() => new Signer('cred_1', key, settings), () => mintToken('cred_1', key, settings)]) {
      assert.throws(make, (error) => fails(code)(error) && !error.stack.includes('secret'))
    }
  }
  const nothing = { roles: undefined, claims: undefined, headerKid: undefined, refresh: undefined }
  assert.equal(new Signer('cred_1', key, nothing).kid, key.kid)
})

test('two signers with equal settings share no token', () => {
  const [one, other] = [new Signer('cred_1', key, { backdate: 1 }), new Signer('cred_1', key, { backdate: 2 })]
  assert.notEqual(one.authorization(), other.authorization())
})

test('a rejected token is dropped, and the clock of the server is learnt', () => {
  const signer = new Signer('cred_1', key)
  const token = signer.token()
  const date = new Date(Date.now() + 3_000_000).toUTCString()
  assert.equal(signer.rejected(token, date), true)
  assert.ok(Math.abs(signer.clockOffset - 3000) <= 2)
  assert.ok(signer.token().issuedAt > token.issuedAt + 2900)
})

test('a header is given for https, loopback and the allowed origins only', () => {
  const signer = new Signer('cred_1', key, { allowedOrigins: ['https://api.scoutos.com'] })
  const header = signer.authorization()
  assert.equal(signer.authorizationFor('https://api.scoutos.com/v2'), header)
  assert.equal(signer.authorizationFor(new URL('http://127.0.0.1:8000')), header)
  assert.throws(() => signer.authorizationFor('https://example.com'), fails('ERR_ORIGIN_NOT_ALLOWED'))
  assert.throws(() => signer.authorizationFor('http://api.scoutos.com'), fails('ERR_URL_INSECURE'))
  assert.throws(() => signer.authorizationFor('/v2'), fails('ERR_URL'))
})

test('a time is Unix seconds or a Date', () => {
  const date = new Date(ISSUED * 1000 + 999)
  const token = mintToken('cred_1', key, { issuedAt: date })
  assert.equal(token.issuedAt, ISSUED)
  assert.deepEqual(verifyToken(token, key.publicKey, { now: date }), verifyToken(token, key.publicKey, { now: ISSUED }))
  for (const wrong of [1.5, -1, Number.NaN, Number.POSITIVE_INFINITY, new Date('never'), '2027', 10n]) {
    assert.throws(() => mintToken('cred_1', key, { issuedAt: wrong }), fails('ERR_ARGUMENT'))
    assert.throws(() => verifyToken(token, key.publicKey, { now: wrong }), fails('ERR_ARGUMENT'))
  }
})

test('a span of seconds out of bounds is refused by the name of its setting', () => {
  for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 301]) {
    assert.throws(() => new Signer('cred_1', key, { lifetime: wrong }), fails('ERR_LIFETIME'))
    assert.throws(() => mintToken('cred_1', key, { lifetime: wrong }), fails('ERR_LIFETIME'))
    assert.throws(() => new Signer('cred_1', key, { refreshMargin: wrong }), fails('ERR_REFRESH_MARGIN'))
    assert.throws(() => new Signer('cred_1', key, { backdate: wrong }), fails('ERR_BACKDATE'))
    assert.throws(() => new Verifier(key.publicKey, { leeway: wrong }), fails('ERR_LEEWAY'))
  }
})

test('a verifier takes one key, several, or a JWK set', () => {
  const other = PrivateKey.generate()
  const both = new Verifier([key.publicKey, other.publicKey.toPem()])
  const set = new Verifier(both.toJwkSet())
  assert.deepEqual(
    set.keys.map((one) => one.kid),
    [key.kid, other.kid].sort(),
  )
  const claims = set.verify(mintToken('cred_2', other, { issuedAt: ISSUED }), { now: ISSUED + 299 })
  assert.deepEqual(claims, {
    credentialId: 'cred_2',
    issuedAt: ISSUED,
    expiresAt: ISSUED + 300,
    kid: other.kid,
    json: `{"iss":"scout","sub":"cred_2","iat":${ISSUED},"exp":${ISSUED + 300}}`,
    claims: { iss: 'scout', sub: 'cred_2', iat: ISSUED, exp: ISSUED + 300 },
  })
  const only = new Verifier(key.publicKey.toDer())
  assert.throws(() => only.verify(new Signer('cred_2', other).token()), fails('ERR_TOKEN_KID_UNKNOWN'))
  assert.throws(() => new Verifier(key.toPem()), fails('ERR_KEY_IS_PRIVATE'))
})

test('the environment makes a signer or an API key', () => {
  const signer = fromEnv({ ...variables, SCOUT_KID: key.kid })
  assert.ok(signer instanceof Signer && Signer.fromEnv(variables) instanceof Signer)
  assert.deepEqual(signer.toJSON(), { credentialId: 'cred_1', kid: key.kid })
  const apiKey = fromEnv({ SCOUT_API_KEY: 'legacy', PATH: '/' })
  assert.ok(apiKey instanceof ApiKey)
  assert.equal(apiKey.authorization(), 'Bearer legacy')
  assert.throws(() => fromEnv({}), fails('ERR_VARIABLE_MISSING'))
  assert.throws(() => fromEnv({ ...variables, SCOUT_KID: 5 }), fails('ERR_ARGUMENT'))
  const limited = Signer.fromEnv(variables, { lifetime: 60, allowedOrigins: ['https://scout.example'] })
  assert.equal(limited.token().expiresAt - limited.token().issuedAt, 60)
  assert.throws(() => limited.authorizationFor('https://other.example'), fails('ERR_ORIGIN_NOT_ALLOWED'))
  assert.throws(() => Signer.fromEnv(variables, { kid: limited.kid.slice(1) }), fails('ERR_KID_MALFORMED'))
  assert.throws(() => Signer.fromEnv({ ...variables, SCOUT_CREDENTIAL_ID: '' }), /SCOUT_CREDENTIAL_ID/)
  const origins = { allowedOrigins: ['https://scout.example'] }
  for (const credential of [fromEnv(variables, origins), fromEnv({ SCOUT_API_KEY: 'legacy' }, origins)]) {
    assert.throws(() => credential.authorizationFor('https://other.example'), fails('ERR_ORIGIN_NOT_ALLOWED'))
  }
})

test('a worker reads its own environment', async () => {
  const code = `require('node:worker_threads').parentPort.postMessage(String(${load}.fromEnv().kid))`
  const worker = new Worker(code, { eval: true, env: variables })
  assert.equal(await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject)), key.kid)
})

test('an API key is sent as it is', () => {
  const apiKey = new ApiKey('legacy', { allowedOrigins: ['https://api.scoutos.com'] })
  assert.equal(apiKey.authorizationFor('https://api.scoutos.com'), 'Bearer legacy')
  assert.throws(() => apiKey.authorizationFor('https://example.com'), fails('ERR_ORIGIN_NOT_ALLOWED'))
  assert.equal(apiKey.rejected('legacy', null), false)
  assert.equal(ApiKey.fromPrivateKey(key.toPem()).authorization(), `Bearer ${key.toBase64url()}`)
  assert.throws(() => new ApiKey('a b'), fails('ERR_API_KEY'))
})

test('an object of one class is no argument of another', () => {
  assert.throws(() => new Signer('cred_1', key.publicKey), fails('ERR_ARGUMENT'))
  assert.throws(() => new Verifier(key), fails('ERR_ARGUMENT'))
  assert.throws(() => new Signer(key), fails('ERR_ARGUMENT'))
  assert.throws(() => new ApiKey({}), fails('ERR_ARGUMENT'))
  assert.throws(() => new PrivateKey(), fails('ERR_ARGUMENT'))
  assert.throws(() => new Token(), TypeError)
})

test('a setting that does not exist is refused by its name', () => {
  const key = PrivateKey.generate()
  const variables = { SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }
  const typo = { allowedOrigin: ['https://scout.example'] }
  for (const make of [
    () => new Signer('cred_1', key, typo),
    () => Signer.fromEnv(variables, typo),
    () => fromEnv(variables, typo),
    () => new ApiKey('legacy', typo),
    () => ApiKey.fromPrivateKey(key.toBase64url(), typo),
    () => mintToken('cred_1', key, typo),
    () => new Verifier(key.publicKey, typo),
  ]) {
    assert.throws(make, (error) => error.code === 'ERR_ARGUMENT' && error.message.includes('no setting allowedOrigin,'))
  }
  for (const options of [60, 'kid', true]) {
    assert.throws(() => new Signer('cred_1', key, options), fails('ERR_ARGUMENT'))
  }
  new Signer('cred_1', key, { kid: undefined, lifetime: undefined, allowedOrigins: undefined })
})

test('a checked origin stays checked, and no other origin passes for it', () => {
  const signer = new Signer('cred_1', PrivateKey.generate(), { allowedOrigins: ['https://scout.example'] })
  const header = signer.authorization()
  for (const url of ['https://scout.example/a', 'https://scout.example/b', new URL('https://scout.example/?c')]) {
    assert.equal(signer.authorizationFor(url), header)
    for (const other of [
      'https://scout.example.evil.example/',
      'https://scout.example@evil.example/',
      'http://scout.example/',
    ]) {
      assert.throws(
        () => signer.authorizationFor(other),
        ({ code }) => /^ERR_(URL|ORIGIN)/.test(code),
      )
    }
  }
  assert.equal(signer.authorizationFor('https://scout.example'), header)
  assert.throws(() => signer.authorizationFor('https://scout.example.evil.example/'), fails('ERR_ORIGIN_NOT_ALLOWED'))
})
