import type { ExternalObject, Signer as NativeSigner, TokenData } from './binding'
import { type KeyText, type PrivateKey, type PublicKey, privateHandle, publicKey } from './keys'
import { native, translated } from './native'
import { type Time, unixSeconds } from './time'

/** Settings of a {@link Signer}; all have Scout's values where they are left out. */
export interface SignerOptions {
  /** The kid that the key must have, as Scout shows it: a mix-up is found here and not by a 401. */
  kid?: string
  /** The lifetime of each token in seconds: 1 to 300, which is the default. */
  lifetime?: number
  /** How many seconds before its expiry a token is replaced: 30 where it is left out. */
  refreshMargin?: number
  /** How many seconds in the past `iat` is put, for servers whose clock is behind. */
  backdate?: number
  /** The only origins, besides loopback, that may receive the token: each `https://host[:port]`. */
  allowedOrigins?: string[]
}

/** Settings of {@link mintToken}. */
export interface MintOptions {
  /** The kid that the key must have. */
  kid?: string
  /** The lifetime in seconds: 1 to 300, which is the default. */
  lifetime?: number
  /** `iat`; now where it is left out. */
  issuedAt?: Time
}

type Handle = ExternalObject<NativeSigner>

let issued: (data: TokenData) => Token
/** The `Signer` of a native signer. */
export let signerOf: (handle: Handle) => Signer

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
 * A credential id and its private key: mints tokens and keeps the current one.
 *
 * A signer is immutable. To rotate, make a new one and let the old one go: no cache is shared.
 * Printed or serialised, it shows its credential id and kid only.
 */
export class Signer {
  /** The credential id: the claim `sub`. */
  readonly credentialId: string
  /** The kid of the private key. */
  readonly kid: string
  readonly #handle: Handle
  readonly #current: () => TokenData | undefined
  #token: Token | undefined

  /**
   * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_CREDENTIAL_ID`, `ERR_KID_MALFORMED`,
   * `ERR_KID_MISMATCH`, `ERR_LIFETIME`, `ERR_REFRESH_MARGIN`, `ERR_BACKDATE`, `ERR_ORIGIN`.
   */
  constructor(credentialId: string, privateKey: PrivateKey | KeyText, options?: SignerOptions)
  constructor(...given: [string, PrivateKey | KeyText, SignerOptions?] | [Handle]) {
    // One argument is a signer that the native library read from the environment.
    this.#handle = given.length === 1 ? given[0] : native.signerNew(given[0], privateHandle(given[1]), given[2] ?? {})
    this.#current = native.signerCurrent(this.#handle)
    this.credentialId = native.signerCredentialId(this.#handle)
    this.kid = this.publicKey.kid
  }

  static {
    signerOf = (handle) => Reflect.construct(Signer, [handle])
  }

  /**
   * Reads `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, `SCOUT_CREDENTIAL_ID`, and perhaps
   * `SCOUT_KID`. An empty variable counts as unset.
   *
   * @throws {ScoutAuthError} `ERR_VARIABLE_MISSING`, `ERR_VARIABLE_CONFLICT`, `ERR_KEY_FILE`, and
   * the errors of the constructor.
   */
  static fromEnv(
    variables: Readonly<Record<string, string | undefined>> = process.env,
    options: SignerOptions = {},
  ): Signer {
    return signerOf(native.signerFromEnv(variables, options))
  }

  /**
   * Makes and signs a new token, always. The current one stays.
   *
   * @throws {ScoutAuthError} `ERR_CLOCK`, `ERR_KEY_CANNOT_SIGN`, `ERR_ENGINE`.
   */
  mint(): Token {
    return issued(native.signerMint(this.#handle))
  }

  /** As {@link Signer.mint}, in the thread pool: for many tokens at once, or large keys. */
  async mintAsync(): Promise<Token> {
    try {
      return issued(await native.signerMintAsync(this.#handle))
    } catch (error) {
      throw translated(error)
    }
  }

  /**
   * The current token: the same one until fewer seconds than the refresh margin remain, then a new
   * one. Where minting fails and the token at hand is still valid, that one is given.
   *
   * @throws {ScoutAuthError} As {@link Signer.mint}.
   */
  token(): Token {
    let fresh: TokenData | undefined
    try {
      fresh = this.#current()
    } catch (error) {
      throw translated(error)
    }
    if (fresh || !this.#token) {
      this.#token = issued(fresh as TokenData)
    }
    return this.#token
  }

  /**
   * The value of the header `Authorization`: `Bearer ` and the current token.
   *
   * @throws {ScoutAuthError} As {@link Signer.mint}.
   */
  authorization(): string {
    return this.token().authorization
  }

  /**
   * As {@link Signer.authorization}, for a request to that absolute URL: it may go over https, to
   * the allowed origins where such a list was set, and to loopback over either scheme.
   *
   * @throws {ScoutAuthError} `ERR_URL`, `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED`, and as
   * {@link Signer.mint}.
   */
  authorizationFor(url: string | URL): string {
    return native.signerAuthorizationFor(this.#handle, String(url))
  }

  /**
   * To be called after a response of 401, with the token or header value that was sent and the
   * response's header `Date`. Answers whether to send the request once more, with a new
   * {@link Signer.authorizationFor}; never do so twice.
   *
   * The token is dropped where it is the current one, and where the server's clock differs by more
   * than five seconds and at most a day, the difference is applied to later tokens.
   */
  rejected(token: Token | string, date?: string | null): boolean {
    return native.signerRejected(this.#handle, String(token), date)
  }

  /** Forgets the current token; the next call mints. */
  invalidate(): void {
    native.signerInvalidate(this.#handle)
  }

  /** The seconds by which the server's clock was found to be ahead of the local one. */
  get clockOffset(): number {
    return native.signerClockOffset(this.#handle)
  }

  /** The public key: what verifies these tokens. */
  get publicKey(): PublicKey {
    return publicKey(native.signerPublicKey(this.#handle))
  }
}

/**
 * Makes and signs one token without keeping it.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_CREDENTIAL_ID`, `ERR_LIFETIME`, `ERR_KID_MALFORMED`,
 * `ERR_KID_MISMATCH`, `ERR_CLOCK`, `ERR_ARGUMENT` where `issuedAt` is no whole second.
 */
export function mintToken(credentialId: string, privateKey: PrivateKey | KeyText, options: MintOptions = {}): Token {
  const issuedAt = unixSeconds(options.issuedAt)
  return issued(native.mintToken(credentialId, privateHandle(privateKey), { ...options, issuedAt }))
}
