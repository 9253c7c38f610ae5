import type { TokenData } from './binding'
import { argumentError, checkedText } from './error'
import { type KeyText, type PrivateKey, privateHandle } from './key'
import { native } from './native'
import { checked, type Types } from './settings'
import { type Time, unixSeconds } from './time'

/** Settings of {@link mintToken}. */
export interface MintOptions {
  /** The kid that the key must have. */
  kid?: string | undefined
  /** The lifetime in seconds: 1 to 300, which is the default. */
  lifetime?: number | undefined
  /** `iat`. Default: now. */
  issuedAt?: Time | undefined
}

const SETTINGS: Types<MintOptions> = { kid: 'string', lifetime: 'number', issuedAt: 'time' }

/** The `Token` of what the native library made. */
export let issued: (data: TokenData) => Token

/**
 * One minted JWT, with the times that it says. `String(token)` is the JWT.
 *
 * It is a secret until it expires: anyone who has it can use it. Printed or serialised, it shows only
 * its times.
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
 * `ERR_KID_MISMATCH`, `ERR_CLOCK`, `ERR_ARGUMENT` if `issuedAt` is not a whole second.
 */
export function mintToken(credentialId: string, privateKey: PrivateKey | KeyText, options?: MintOptions): Token {
  const settings = checked(options, SETTINGS)
  const issuedAt = unixSeconds(settings.issuedAt)
  return issued(
    native.mintToken(checkedText('credentialId', credentialId), privateHandle(privateKey), { ...settings, issuedAt }),
  )
}

/** The JWT or header value of an argument. Text that is not a token stays as it is, and core refuses it. */
export function tokenText(token: Token | string): string {
  if (typeof token !== 'string' && !(typeof token === 'object' && token !== null)) {
    throw argumentError('token', 'a string or a Token')
  }
  return String(token)
}
