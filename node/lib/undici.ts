import type { Dispatcher } from 'undici'

import { type Credential, checkCredential, dateOf, isOneShot, isSafe, originOf } from './http'

type Dispatch = Dispatcher['dispatch']
type Options = Dispatcher.DispatchOptions
type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController
type ResponseHeaders = Parameters<NonNullable<Handler['onResponseStart']>>[2]

// Structural, for users who have no undici.
// biome-ignore lint/suspicious/noExplicitAny: whatever undici passes.
type AnyDispatch = (options: any, handler: any) => boolean

/**
 * Returns an undici interceptor that authenticates the requests to one origin:
 * `agent.compose(undiciInterceptor(signer, 'https://api.scoutos.com'))`.
 *
 * Requests to other origins pass as they are. A dispatcher cannot tell a redirect from a request of
 * yours, so the origin is what keeps the header from following one. A `Client` or `Pool` has only
 * one origin; name that one.
 *
 * After a 401 it asks `rejected` and sends the request once more. It does not do so if the body is a
 * stream, or if a request other than GET and HEAD was redirected. Beneath undici's `fetch` every body
 * is a stream: there, prefer `createFetch`. A request fails with `ERR_URL_INSECURE` or
 * `ERR_ORIGIN_NOT_ALLOWED` if the credential must not be sent to that origin.
 *
 * @throws {ScoutAuthError} `ERR_ARGUMENT`.
 */
export function undiciInterceptor(
  credential: Credential,
  origin: string | URL,
): (dispatch: AnyDispatch) => AnyDispatch {
  checkCredential(credential)
  const home = originOf(origin)
  return (dispatch: Dispatch) => (options: Options, handler: Handler) => {
    // undici 7 names no origin beneath a Client or a Pool.
    if (options.origin && new URL(options.origin).origin !== home) {
      return dispatch(options, handler)
    }
    const authorization = credential.authorizationFor(home)
    const retry = new RetryOnce(credential, authorization, home, dispatch, options, handler)
    return dispatch(authorized(options, authorization), retry)
  }
}

/** Passes a response on; after a 401, perhaps that to a second request instead of the first. */
class RetryOnce implements Handler {
  #isRetrying = false
  #history: URL[] = []

  constructor(
    readonly credential: Credential,
    readonly authorization: string,
    readonly home: string,
    readonly dispatch: Dispatch,
    readonly options: Options,
    readonly handler: Handler,
  ) {}

  onRequestStart(controller: Controller, context: { history?: URL[] }): void {
    this.#history = context?.history ?? []
    this.handler.onRequestStart?.(controller, context)
  }

  onRequestUpgrade(...values: Parameters<NonNullable<Handler['onRequestUpgrade']>>): void {
    this.handler.onRequestUpgrade?.(...values)
  }

  onResponseStart(controller: Controller, status: number, headers: ResponseHeaders, message?: string): void {
    this.#isRetrying = status === 401 && this.#shouldRetry(headers)
    if (!this.#isRetrying) {
      this.handler.onResponseStart?.(controller, status, headers, message)
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#isRetrying) {
      this.handler.onResponseData?.(controller, chunk)
    }
  }

  onResponseEnd(controller: Controller, trailers: ResponseHeaders): void {
    if (this.#isRetrying) {
      this.dispatch(authorized(this.options, this.credential.authorizationFor(this.home)), this.handler)
    } else {
      this.handler.onResponseEnd?.(controller, trailers)
    }
  }

  onResponseError(controller: Controller, error: Error): void {
    this.handler.onResponseError?.(controller, error)
  }

  /** A redirect interceptor beneath this one may have gone to another origin, without the header. */
  #shouldRetry(headers: ResponseHeaders): boolean {
    if (this.#history.some((url) => url.origin !== this.home)) {
      return false
    }
    // It lists the URL of each response so far. For a Client the first is missing.
    const { href } = new URL(this.options.path, this.home)
    const isRedirected = this.#history.length > 1 || this.#history.some((url) => url.href !== href)
    const isWorthIt = this.credential.rejected(
      this.authorization,
      dateOf((name) => headers[name]),
    )
    return isWorthIt && (!isRedirected || isSafe(this.options.method)) && !isOneShot(this.options.body)
  }
}

function authorized(options: Options, authorization: string): Options {
  const others = pairs(options.headers).filter(([name]) => name.toLowerCase() !== 'authorization')
  return { ...options, headers: [...others, ['authorization', authorization]].flat() as string[] }
}

/** The headers in undici's three forms: a flat list, pairs, an object. */
function pairs(headers: Options['headers']): [string, unknown][] {
  if (!headers) {
    return []
  }
  if (Array.isArray(headers) && typeof headers[0] === 'string') {
    return Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i] as string, headers[2 * i + 1]])
  }
  return Symbol.iterator in headers ? [...(headers as Iterable<[string, unknown]>)] : Object.entries(headers)
}
