import type { TokenData } from './binding'
import { argumentError, checkedText } from './error'
import { type KeyInput, type PrivateKey, privateHandle } from './key'
import { native } from './native'
import { checked, type SignerOptions, type Types, withClaimsText } from './settings'
import { type Time, unixSeconds } from './time'

/** Settings of {@link mintToken}. */
export interface MintOptions extends Pick<SignerOptions, 'kid' | 'headerKid' | 'lifetime' | 'roles' | 'claims'> {
  /** `iat`. Default: now. */
  issuedAt?: Time | undefined
}

const SETTINGS: Types<MintOptions> = {
  kid: 'string',
  headerKid: 'string',
  lifetime: 'number',
  roles: 'strings',
  claims: 'object',
  issuedAt: 'time',
}

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
  readonly #bearer: string

  private constructor({ authorization, issuedAt, expiresAt }: TokenData) {
    this.issuedAt = issuedAt
    this.expiresAt = expiresAt
    this.#authorization = authorization
    this.#bearer = authorization.slice('Bearer '.length)
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
    return this.#bearer
  }
}

/**
 * Makes and signs one token without keeping it.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_CREDENTIAL_ID`, `ERR_LIFETIME`, `ERR_KID_MALFORMED`,
 * `ERR_KID_MISMATCH`, `ERR_HEADER_KID`, `ERR_ROLES`, `ERR_CLAIMS`, `ERR_CLOCK`, `ERR_ARGUMENT` if
 * `issuedAt` is not a whole second.
 */
export function mintToken(credentialId: string, privateKey: PrivateKey | KeyInput, options?: MintOptions): Token {
  const { issuedAt, ...settings } = withClaimsText(checked(options, SETTINGS))
  const id = checkedText('credentialId', credentialId)
  return issued(native.mintToken(id, privateHandle(privateKey), settings, unixSeconds(issuedAt)))
}

/** The JWT or header value of an argument. Text that is not a token stays as it is, and core refuses it. */
export function tokenText(token: Token | string): string {
  if (typeof token !== 'string' && !(typeof token === 'object' && token !== null)) {
    throw argumentError('token', 'a string or a Token')
  }
  return String(token)
}
