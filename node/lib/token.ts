import type { TokenData } from './binding'
import { type KeyText, type PrivateKey, privateHandle } from './key'
import { native } from './native'
import { checked, type Names } from './settings'
import { type Time, unixSeconds } from './time'

/** Settings of {@link mintToken}. */
export interface MintOptions {
  /** The kid that the key must have. */
  kid?: string | undefined
  /** The lifetime in seconds: 1 to 300, which is the default. */
  lifetime?: number | undefined
  /** `iat`; now where it is left out. */
  issuedAt?: Time | undefined
}

const NAMES: Names<MintOptions> = { kid: true, lifetime: true, issuedAt: true }

/** The `Token` of what the native library made. */
export let issued: (data: TokenData) => Token

/**
 * One minted JWT, with the times that it says. `String(token)` is the JWT.
 *
 * It is a secret while it lives: whoever has it can use it. Inspected or serialised, it shows its
 * times only.
 */
export class Token {
  /** `iat`, in Unix seconds. */
  readonly issuedAt: number
  /** `exp`, in Unix seconds: from then on the token is refused. */
  readonly expiresAt: number
  readonly #authorization: string

  private constructor({ authorization, issuedAt, expiresAt }: TokenData) {
    this.issuedAt = issuedAt
    this.expiresAt = expiresAt
    this.#authorization = authorization
  }

  static {
    issued = (data) => new Token(data)
  }

  /** The value of the header `Authorization`: `Bearer ` and the JWT. */
  get authorization(): string {
    return this.#authorization
  }

  /** The JWT. */
  toString(): string {
    return this.#authorization.slice('Bearer '.length)
  }
}

/**
 * Makes and signs one token without keeping it.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_CREDENTIAL_ID`, `ERR_LIFETIME`, `ERR_KID_MALFORMED`,
 * `ERR_KID_MISMATCH`, `ERR_CLOCK`, `ERR_ARGUMENT` where `issuedAt` is no whole second.
 */
export function mintToken(credentialId: string, privateKey: PrivateKey | KeyText, options?: MintOptions): Token {
  const given = checked(options, NAMES)
  const issuedAt = unixSeconds(given.issuedAt)
  return issued(native.mintToken(credentialId, privateHandle(privateKey), { ...given, issuedAt }))
}
