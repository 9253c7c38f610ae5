import type { ExternalObject, Signer as NativeSigner, SignerOptions, TokenData } from './binding'
import { checkedText } from './error'
import { type KeyText, type PrivateKey, type PublicKey, privateHandle, publicKey } from './key'
import { native, translated } from './native'
import { signerOptions, variablesOf } from './settings'
import { issued, type Token, tokenText } from './token'

type Handle = ExternalObject<NativeSigner>

/** The `Signer` of a native signer. */
export let signerOf: (handle: Handle) => Signer

/**
 * A credential id and its private key: mints tokens and keeps the current one.
 *
 * A signer is immutable. To rotate, make a new one; signers share no token. Printed or serialised, it
 * shows only its credential id and kid.
 */
export class Signer {
  /** The credential id: the claim `sub`. */
  readonly credentialId: string
  /** The kid of the private key. */
  readonly kid: string
  readonly #handle: Handle
  readonly #current: () => TokenData | undefined
  #token: Token | undefined
  /** The beginning of a URL that core has checked: any URL that begins with it passes too. */
  #checked: string | undefined

  /**
   * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_CREDENTIAL_ID`, `ERR_KID_MALFORMED`,
   * `ERR_KID_MISMATCH`, `ERR_LIFETIME`, `ERR_REFRESH_MARGIN`, `ERR_BACKDATE`, `ERR_ORIGIN`.
   */
  constructor(credentialId: string, privateKey: PrivateKey | KeyText, options?: SignerOptions)
  constructor(first: string | Handle, privateKey?: PrivateKey | KeyText, options?: SignerOptions) {
    // An object alone is a signer that the native library read from the environment.
    this.#handle =
      typeof first === 'object' && privateKey === undefined
        ? first
        : native.signerNew(
            checkedText('credentialId', first as string),
            privateHandle(privateKey as PrivateKey),
            signerOptions(options),
          )
    this.#current = native.signerCurrent(this.#handle)
    this.credentialId = native.signerCredentialId(this.#handle)
    this.kid = this.publicKey.kid
  }

  static {
    signerOf = (handle) => Reflect.construct(Signer, [handle])
  }

  /**
   * Reads `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE`, `SCOUT_CREDENTIAL_ID`, and optionally
   * `SCOUT_KID`. An empty variable counts as unset.
   *
   * @throws {ScoutAuthError} `ERR_VARIABLE_MISSING`, `ERR_VARIABLE_CONFLICT`, `ERR_KEY_FILE`, and
   * the errors of the constructor.
   */
  static fromEnv(
    variables: Readonly<Record<string, string | undefined>> = process.env,
    options?: SignerOptions,
  ): Signer {
    return signerOf(native.signerFromEnv(variablesOf(variables), signerOptions(options)))
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
   * Returns the current token: the same one until fewer seconds than the refresh margin remain, then
   * a new one. If minting fails and the current token is still valid, it returns that one.
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
   * As {@link Signer.authorization}, for a request to that absolute URL. It may be an https URL, of
   * an allowed origin if there is a list of them, or a URL of loopback with http or https.
   *
   * @throws {ScoutAuthError} `ERR_URL`, `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED`, and as
   * {@link Signer.mint}.
   */
  authorizationFor(url: string | URL): string {
    const text = String(url)
    if (this.#checked === undefined || !text.startsWith(this.#checked)) {
      this.#checked = native.signerCheckUrl(this.#handle, text) ?? undefined
    }
    return this.authorization()
  }

  /**
   * Call this after a response of 401, with the token or header value that was sent and the
   * response's header `Date`, but without the date if the response has `Age`: a cache sent it.
   * Returns whether to send the request once more, with a new {@link Signer.authorizationFor}. Never
   * do so twice.
   *
   * It drops the token if that is the current one. If the server's clock differs by more than five
   * seconds, later tokens are minted by the server's clock, within the bounds that docs/security.md
   * lists.
   */
  rejected(token: Token | string, date?: string | null): boolean {
    return native.signerRejected(this.#handle, tokenText(token), date)
  }

  /** Drops the current token, so that the next call mints. */
  invalidate(): void {
    native.signerInvalidate(this.#handle)
  }

  /** How many seconds the server's clock is ahead of the local one, as learnt from a 401. */
  get clockOffset(): number {
    return native.signerClockOffset(this.#handle)
  }

  /** The public key: what verifies these tokens. */
  get publicKey(): PublicKey {
    return publicKey(native.signerPublicKey(this.#handle))
  }
}
