// Runs the vectors against the Node package: see tests/README.md.
//
//     node driver.mjs PACKAGE < cases

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'

// As an application does it, by the package's own exports.
const scout = createRequire(import.meta.url)(resolve(process.argv[2]))

const keyText = ({ text, base64, base64_der }) => text ?? Buffer.from(base64_der ?? base64, 'base64')

const written = (key) => ({
  base64url: key.toBase64url(),
  der: key.toDer().toString('base64url'),
  pem: key.toPem(),
  jwk: key.toJwk(),
  kid: key.kid,
  bits: key.bits,
})

const shown = (credential) =>
  credential instanceof scout.ApiKey
    ? { authorization: credential.authorization() }
    : { credential_id: credential.credentialId, kid: credential.kid, token: String(credential.token()) }

/** For drivers/clock.c. */
const setClock = (unix, elapsed = 0) => writeFileSync(process.env.CLOCK_FILE, `${unix} ${elapsed}`)

/** Claims are JSON text in the vectors, and an object here. */
const tokenOptions = ({ kid, header_kid, lifetime, roles, claims }) => ({
  kid,
  headerKid: header_kid,
  lifetime,
  roles,
  claims: claims === undefined ? undefined : JSON.parse(claims),
})

const signerOptions = (given) => ({
  ...tokenOptions(given),
  refreshMargin: given.refresh_margin,
  backdate: given.backdate,
  allowedOrigins: given.allowed_origins,
  refresh: given.refresh,
})

const signerOf = (given) => new scout.Signer(given.credential_id, given.key, signerOptions(given))

const yes = (fact) => (fact ? 'yes' : 'no')

/** Until the tokens are of another second. */
const pause = () => setTimeout(2000)

/** A signer, and the tokens that it gave, in their order. */
class Story {
  #signer
  #tokens = []

  constructor(signer) {
    this.#signer = signer
  }

  tell(step) {
    if (step.now !== undefined) {
      setClock(step.now, step.elapsed)
    }
    return { ...this.#answer(step), signatures: new Set(this.#tokens).size }
  }

  #answer(step) {
    try {
      return this[step.call](step)
    } catch (error) {
      return { error: codeOf(error) }
    }
  }

  token() {
    return this.#gave(this.#signer.token())
  }

  mint() {
    return this.#gave(this.#signer.mint())
  }

  #gave(token) {
    this.#tokens.push(token)
    return { token: String(token) }
  }

  invalidate() {
    this.#signer.invalidate()
    return {}
  }

  rejected({ token, date }) {
    const retry = this.#signer.rejected(token === 'last' ? this.#tokens.at(-1) : token, date)
    return { retry, clock_offset: this.#signer.clockOffset }
  }
}

const ofStep = (at, answer) =>
  Object.fromEntries(Object.entries(answer).map(([name, value]) => [`steps.${at}.${name}`, value]))

const calls = {
  private_key: (given) => written(scout.PrivateKey.parse(keyText(given))),
  public_key: (given) => written(scout.PublicKey.parse(keyText(given))),
  generate: ({ bits }) => written(scout.PrivateKey.generate(bits)),
  convert(given) {
    const key = keyText(given)
    return { pem: scout.toPem(key), base64url: scout.toBase64url(key), kid: scout.kid(key) }
  },
  jwk_set: ({ text }) => ({ jwk_set: new scout.Verifier(text).toJwkSet() }),
  mint(given) {
    const options = { ...tokenOptions(given), issuedAt: given.issued_at }
    const token = scout.mintToken(given.credential_id, given.key, options)
    return { token: String(token), issued_at: token.issuedAt, expires_at: token.expiresAt }
  },
  verify({ token, keys, key_set, now, leeway }) {
    const claims = new scout.Verifier(keys ?? key_set, { leeway }).verify(token, { now })
    return {
      credential_id: claims.credentialId,
      issued_at: claims.issuedAt,
      expires_at: claims.expiresAt,
      kid: claims.kid,
      json: claims.json,
      roles: JSON.stringify(claims.roles ?? null),
    }
  },
  async live(given) {
    const signer = signerOf(given)
    const first = String(signer.token())
    await pause()
    const kept = String(signer.token()) === first
    signer.invalidate()
    const second = String(signer.token())
    await pause()
    const retry = signer.rejected(second)
    const rejected = String(signer.token()) !== second
    return { kept: yes(kept), invalidated: yes(second !== first), retry: yes(retry), rejected: yes(rejected) }
  },
  story(given) {
    const story = new Story(signerOf(given))
    const answers = given.steps.map((step, at) => ofStep(at, story.tell(step)))
    return Object.assign({}, ...answers)
  },
  signer: (given) => shown(signerOf(given)),
  signer_from_file(given) {
    const signer = scout.Signer.fromFile(given.path, signerOptions(given))
    return { ...shown(signer), jwk: signer.publicKey.toJwk() }
  },
  signer_from_env: ({ variables }) => shown(scout.Signer.fromEnv(variables)),
  from_env: ({ variables }) => shown(scout.fromEnv(variables)),
  api_key: ({ text }) => shown(new scout.ApiKey(text)),
  raw_key: ({ text }) => shown(scout.ApiKey.fromPrivateKey(text)),
  send: ({ text, url, allowed_origins }) => ({
    authorization: new scout.ApiKey(text, { allowedOrigins: allowed_origins }).authorizationFor(url),
  }),
}

async function run({ call, given }) {
  if (given.clock !== undefined) {
    setClock(given.clock)
  }
  try {
    return await calls[call](given)
  } catch (error) {
    return { error: codeOf(error), text: error.message }
  }
}

function codeOf(error) {
  if (!(error instanceof scout.ScoutAuthError)) {
    throw error
  }
  return error.code
}

/** The first expected member that the answer does not have. */
function difference(expect, answer) {
  for (const [name, expected] of Object.entries(expect)) {
    const met = name === 'mentions' ? answer.text?.includes(expected) : answer[name] === expected
    if (!met) {
      return `${name}: got ${answer[name]} (${answer.error ?? 'no error'}), expected ${expected}`
    }
  }
  return null
}

for await (const line of createInterface({ input: process.stdin })) {
  const test = JSON.parse(line)
  const answer = await run(test)
  const detail = difference(test.expect, answer)
  console.log(JSON.stringify({ name: test.name, ok: detail === null, detail, token: answer.token }))
}
