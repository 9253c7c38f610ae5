import type { ExternalObject, ApiKey as NativeApiKey } from './binding'
import { checkedText } from './error'
import { native } from './native'
import { checked, type Types } from './settings'

/** Settings of an {@link ApiKey}. */
export interface ApiKeyOptions {
  /** The only origins, apart from loopback, that may receive the key: each `https://host[:port]`. */
  allowedOrigins?: readonly string[] | undefined
}

const SETTINGS: Types<ApiKeyOptions> = { allowedOrigins: 'strings' }

type Handle = ExternalObject<NativeApiKey>

/** The `ApiKey` of a native one. */
export let apiKeyOf: (handle: Handle) => ApiKey

/**
 * A bearer string that is sent as it is: a legacy key, or the raw private key.
 *
 * Every request carries it, so prefer a `Signer`. Printed or serialised, it shows nothing.
 */
export class ApiKey {
  readonly #handle: Handle
  readonly #authorization: string
  readonly #bearer: string

  /**
   * Takes a legacy key.
   *
   * @throws {ScoutAuthError} `ERR_API_KEY`, `ERR_ORIGIN`.
   */
  constructor(key: string, options?: ApiKeyOptions)
  constructor(key: string | Handle, options?: ApiKeyOptions) {
    this.#handle = typeof key === 'object' ? key : native.apiKeyNew(checkedText('key', key), origins(options))
    this.#authorization = native.apiKeyAuthorization(this.#handle)
    this.#bearer = this.#authorization.slice('Bearer '.length)
  }

  static {
    apiKeyOf = (handle) => Reflect.construct(ApiKey, [handle])
  }

  /**
   * Takes the raw private key, checks that it is one, and sends its text as Scout issued it.
   *
   * @throws {ScoutAuthError} `ERR_KEY_…`, `ERR_ORIGIN`.
   */
  static fromPrivateKey(key: string, options?: ApiKeyOptions): ApiKey {
    return apiKeyOf(native.apiKeyFromPrivateKey(checkedText('key', key), origins(options)))
  }

  /** The value of the header `Authorization`: `Bearer ` and the key. */
  authorization(): string {
    return this.#authorization
  }

  /** The key: what stands behind `Bearer `, for an SDK that adds that itself. */
  bearer(): string {
    return this.#bearer
  }

  /**
   * As {@link ApiKey.authorization}, for a request to that absolute URL.
   *
   * @throws {ScoutAuthError} `ERR_URL`, `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED`.
   */
  authorizationFor(url: string | URL): string {
    native.apiKeyCheckUrl(this.#handle, String(url))
    return this.#authorization
  }

  /** As `Signer.rejected`. Returns false, because there is no other key to send. */
  rejected(token: string, date?: string | null): boolean {
    return native.apiKeyRejected(this.#handle, token, date)
  }
}

function origins(options: ApiKeyOptions | undefined): string[] | undefined {
  return checked(options, SETTINGS).allowedOrigins as string[] | undefined
}
