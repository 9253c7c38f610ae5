import type { ExternalObject, Verifier as NativeVerifier } from './binding'
import { type KeyText, PublicKey, publicHandle, publicKey } from './key'
import { native } from './native'
import { checked, type Names } from './settings'
import { type Time, unixSeconds } from './time'
import type { Token } from './token'

/** One public key, the text of one key or of a JWK set, or several of these. */
export type PublicKeys = PublicKey | KeyText | readonly PublicKeys[]

/** What a verified token says. */
export interface Claims {
  /** `sub`: the credential id. */
  credentialId: string
  /** `iat`, in Unix seconds. */
  issuedAt: number
  /** `exp`, in Unix seconds; 300 s after `iat` where the token has none. */
  expiresAt: number
  /** The kid of the key that signed. */
  kid: string
  /** All claims, as the JSON object that was signed. */
  json: string
}

/** Settings of a {@link Verifier}. */
export interface VerifierOptions {
  /** How far the two clocks may differ, in seconds: 0 to 300; 5 where it is left out. */
  leeway?: number | undefined
}

/** Settings of one verification. */
export interface VerifyOptions {
  /** The time to verify for; now where it is left out. */
  now?: Time | undefined
}

const SETTINGS: Names<VerifierOptions> = { leeway: true }
const VERIFICATION: Names<VerifyOptions> = { now: true }

/**
 * Public keys by kid that accept or refuse a token.
 *
 * Pinned: `alg` is RS256, `iss` is `scout`, the lifetime is at most 300 s, and the kid names one of
 * the keys.
 */
export class Verifier {
  /** The keys, by ascending kid. */
  readonly keys: readonly PublicKey[]
  readonly #handle: ExternalObject<NativeVerifier>

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
   * @throws {ScoutAuthError} `ERR_TOKEN_…`, `ERR_CLOCK`; `ERR_ARGUMENT` where `now` is no whole
   * second.
   */
  verify(token: Token | string, options?: VerifyOptions): Claims {
    return native.verifierVerify(this.#handle, String(token), unixSeconds(checked(options, VERIFICATION).now))
  }

  /** The keys as a JWK set, as JSON text. */
  toJwkSet(): string {
    return native.verifierJwkSet(this.#handle)
  }
}

function handles(keys: PublicKeys): ReturnType<typeof publicHandle>[] {
  if (keys instanceof PublicKey) {
    return [publicHandle(keys)]
  }
  return Array.isArray(keys) ? keys.flatMap(handles) : native.publicKeysParse(keys as KeyText)
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
