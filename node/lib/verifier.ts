import type { JsonWebKey } from 'node:crypto'
import type { ExternalObject, Claims as NativeClaims, Verifier as NativeVerifier } from './binding'
import { KEY_INPUT, type KeyInput, PublicKey, publicHandle, publicKey, readKey } from './key'
import { native } from './native'
import { checked, type Types } from './settings'
import { type Time, unixSeconds } from './time'
import { type Token, tokenText } from './token'

const EXPECTED = `a PublicKey, ${KEY_INPUT}, a JWK set, or an array of these`

type Handle = ExternalObject<NativeVerifier>

/** One public key, a JWK set as text or parsed, or several of these. */
export type PublicKeys = PublicKey | KeyInput | { readonly keys: readonly JsonWebKey[] } | readonly PublicKeys[]

/** What a verified token says. */
export interface Claims extends NativeClaims {
  /** All claims, parsed. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Settings of a {@link Verifier}. */
export interface VerifierOptions {
  /** How far the two clocks may differ, in seconds: 0 to 300. Default: 5. */
  leeway?: number | undefined
}

/** Settings of one verification. */
export interface VerifyOptions {
  /** The time at which to verify. Default: now. */
  now?: Time | undefined
}

const SETTINGS: Types<VerifierOptions> = { leeway: 'number' }
const VERIFICATION: Types<VerifyOptions> = { now: 'time' }

/**
 * Public keys by kid that accept or refuse a token.
 *
 * It always requires that `alg` is RS256, that `iss` is `scout`, that the lifetime is at most 300
 * seconds, and that the kid names one of the keys: by its thumbprint, or as its JWK in a JWK set calls it.
 */
export class Verifier {
  /** The keys, by ascending kid. */
  readonly keys: readonly PublicKey[]
  readonly #handle: Handle

  /**
   * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_LEEWAY`.
   */
  constructor(keys: PublicKeys, options?: VerifierOptions) {
    this.#handle = native.verifierNew(handles(keys), checked(options, SETTINGS).leeway)
    this.keys = native.verifierKeys(this.#handle).map(publicKey)
  }

  /**
   * Verifies a token.
   *
   * @throws {ScoutAuthError} `ERR_TOKEN_…`, `ERR_CLOCK`; `ERR_ARGUMENT` if `now` is not a whole
   * second.
   */
  verify(token: Token | string, options?: VerifyOptions): Claims {
    const { now } = checked(options, VERIFICATION)
    const claims = native.verifierVerify(this.#handle, tokenText(token), unixSeconds(now))
    return { ...claims, claims: JSON.parse(claims.json) }
  }

  /** The keys as a JWK set, as JSON text. */
  toJwkSet(): string {
    return native.verifierJwkSet(this.#handle)
  }
}

function handles(keys: PublicKeys): Handle[] {
  if (Array.isArray(keys)) {
    return keys.flatMap(handles)
  }
  const isKey = keys instanceof PublicKey
  return [isKey ? native.verifierOfKey(publicHandle(keys)) : readKey('keys', keys, native.verifierParse, EXPECTED)]
}

/**
 * Verifies one token, as `new Verifier(keys, options).verify(token, options)` does.
 *
 * @throws {ScoutAuthError} As those two.
 */
export function verifyToken(
  token: Token | string,
  keys: PublicKeys,
  options?: VerifierOptions & VerifyOptions,
): Claims {
  const { leeway, now } = checked(options, { ...SETTINGS, ...VERIFICATION })
  return new Verifier(keys, { leeway }).verify(token, { now })
}
