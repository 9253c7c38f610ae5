import { inspect } from 'node:util'
import type { ExternalObject, Signer as NativeSigner, TokenData } from './binding'
import type { ScoutAuthErrorCode } from './codes'
import { argumentError, checkedText, ScoutAuthError } from './error'
import { publishEvents } from './events'
import { type KeyInput, type PrivateKey, type PublicKey, privateHandle, publicKey } from './key'
import { native, translated } from './native'
import { isListOfStrings, type SignerOptions, signerOptions, variablesOf } from './settings'
import { issued, type Token, tokenText } from './token'

type Handle = ExternalObject<NativeSigner>

/** The `Signer` of a native signer. */
export let signerOf: (handle: Handle) => Signer

/**
 * A credential id and its private key: mints tokens and keeps the current one.
 *
 * A signer of a key is immutable. A signer of a file or a command follows its source: when a token is
 * due, and after a 401, it looks whether the credential has changed, and replaces key, credential id
 * and kid in one step. Signers share no token. Printed or serialised, a signer shows only its
 * credential id and kid.
 *
 * The channel `scout_auth` of `node:diagnostics_channel` tells what signers do: each message is a
 * `SignerEvent`.
 */
export class Signer {
  readonly #handle: Handle
  readonly #current: () => TokenData | undefined
  #token: Token | undefined
  /** The beginning of a URL that core has checked: any URL that begins with it passes too. */
  #checked: string | undefined

  /**
   * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_CREDENTIAL_ID`, `ERR_KID_MALFORMED`,
   * `ERR_KID_MISMATCH`, `ERR_HEADER_KID`, `ERR_LIFETIME`, `ERR_REFRESH_MARGIN`, `ERR_BACKDATE`,
   * `ERR_ORIGIN`, `ERR_ROLES`, `ERR_CLAIMS`, `ERR_REFRESH`.
   */
  constructor(credentialId: string, privateKey: PrivateKey | KeyInput, options?: SignerOptions)
  constructor(first: string | Handle, privateKey?: PrivateKey | KeyInput, options?: SignerOptions) {
    // An object alone is a signer that the native library made.
    this.#handle =
      typeof first === 'object' && privateKey === undefined
        ? first
        : native.signerNew(
            checkedText('credentialId', first as string),
            privateHandle(privateKey as PrivateKey),
            signerOptions(options),
          )
    this.#current = native.signerCurrent(this.#handle)
  }

  static {
    signerOf = (handle) => Reflect.construct(Signer, [handle])
  }

  /**
   * Reads `SCOUT_CREDENTIAL_FILE`, or `SCOUT_CREDENTIAL_COMMAND` (a JSON array of strings), or
   * `SCOUT_PRIVATE_KEY` or `SCOUT_PRIVATE_KEY_FILE` with `SCOUT_CREDENTIAL_ID` and optionally
   * `SCOUT_KID`. An empty variable counts as unset. The signer follows a file or a command.
   *
   * @throws {ScoutAuthError} `ERR_VARIABLE_MISSING`, `ERR_VARIABLE_CONFLICT`, `ERR_KEY_FILE`, and
   * the errors of {@link Signer.fromFile}, {@link Signer.fromCommand} and the constructor.
   */
  static fromEnv(
    variables: Readonly<Record<string, string | undefined>> = process.env,
    options?: SignerOptions,
  ): Signer {
    return signerOf(native.signerFromEnv(variablesOf(variables), signerOptions(options)))
  }

  /**
   * Makes a signer of a credential file, or of a folder with one file for each field. Both are read
   * again when they change.
   *
   * @throws {ScoutAuthError} `ERR_CREDENTIAL_…`, and the errors of the constructor. Later an error
   * keeps the last good credential: see {@link Signer.sourceError}.
   */
  static fromFile(path: string, options?: SignerOptions): Signer {
    return signerOf(native.signerFromFile(checkedText('path', path), signerOptions(options)))
  }

  /**
   * Makes a signer of the credential that a program prints. The first string is the program, the
   * others are its arguments; no shell runs. It runs now, after a 401, and every `refresh` seconds if
   * that is set. Nothing else runs in this thread until it has ended, which takes at most ten seconds.
   *
   * @throws {ScoutAuthError} `ERR_COMMAND_…`, and those of {@link Signer.fromFile}.
   */
  static fromCommand(command: readonly string[], options?: SignerOptions): Signer {
    if (!isListOfStrings(command)) {
      throw argumentError('command', 'an array of strings')
    }
    return signerOf(native.signerFromCommand(command as string[], signerOptions(options)))
  }

  /**
   * Makes and signs a new token, always. The current one stays.
   *
   * @throws {ScoutAuthError} `ERR_CLOCK`, `ERR_KEY_CANNOT_SIGN`, `ERR_ENGINE`.
   */
  mint(): Token {
    const token = issued(native.signerMint(this.#handle))
    publishEvents()
    return token
  }

  /** As {@link Signer.mint}, in the thread pool: for many tokens at once, or large keys. */
  async mintAsync(): Promise<Token> {
    try {
      return issued(await native.signerMintAsync(this.#handle))
    } catch (error) {
      throw translated(error)
    } finally {
      publishEvents()
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
      publishEvents()
      throw translated(error)
    }
    if (fresh) {
      this.#token = issued(fresh)
      publishEvents()
    }
    // The first call brings one.
    return this.#token as Token
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
   * The current token as text: what stands behind `Bearer `, for an SDK that adds that itself.
   *
   * @throws {ScoutAuthError} As {@link Signer.mint}.
   */
  bearer(): string {
    return this.token().toString()
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
   * It drops the token if that is the current one, and looks whether the credential's source has
   * changed. For ten minutes after a rotation, a 401 to the new credential brings the previous one back
   * for 30 seconds. If the server's clock differs by more than five
   * seconds, later tokens are minted by the server's clock, within the bounds that docs/security.md
   * lists.
   */
  rejected(token: Token | string, date?: string | null): boolean {
    const isWorthIt = native.signerRejected(this.#handle, tokenText(token), date)
    publishEvents()
    return isWorthIt
  }

  /** Drops the current token, so that the next call mints. */
  invalidate(): void {
    native.signerInvalidate(this.#handle)
  }

  /** How many seconds the server's clock is ahead of the local one, as learnt from a 401. */
  get clockOffset(): number {
    return native.signerClockOffset(this.#handle)
  }

  /**
   * Why the last look at the source of the credential failed, and undefined if it did not. The last
   * good credential stays in use, and the source is read again when the next token is due.
   */
  get sourceError(): ScoutAuthError | undefined {
    const failure = native.signerSourceError(this.#handle)
    return failure ? new ScoutAuthError(failure.code as ScoutAuthErrorCode, failure.message) : undefined
  }

  /** The credential id: the claim `sub`. After a rotation, that of the new credential. */
  get credentialId(): string {
    return native.signerCredentialId(this.#handle)
  }

  /** The kid of the private key. After a rotation, that of the new credential. */
  get kid(): string {
    return native.signerKid(this.#handle)
  }

  /** The public key: what verifies these tokens. After a rotation, that of the new credential. */
  get publicKey(): PublicKey {
    return publicKey(native.signerPublicKey(this.#handle))
  }

  /** What JSON shows. */
  toJSON(): { credentialId: string; kid: string } {
    return { credentialId: this.credentialId, kid: this.kid }
  }

  /** What `console.log` shows. */
  [inspect.custom](_depth: number, options: object): string {
    return `Signer ${inspect(this.toJSON(), options)}`
  }
}
