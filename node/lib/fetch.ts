import { type Credential, isOneShot, normalised, sameOrigin } from './http'

type Fetch = typeof globalThis.fetch
type Input = Parameters<Fetch>[0]
type Init = Parameters<Fetch>[1]

/** Settings of {@link createFetch}. */
export interface FetchOptions {
  /** The `fetch` to call: undici's, for example. The global one where it is left out. */
  fetch?: Fetch
}

/**
 * A `fetch` that authenticates each request.
 *
 * It sends the header over https and to loopback only, and never to another origin on a redirect.
 * After a 401 it asks `rejected` and sends the request once more, unless its body is a stream.
 *
 * @returns A function like `fetch`, whose promise may also reject with a `ScoutAuthError`:
 * `ERR_URL`, `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED`, and those of `Signer.mint`.
 */
export function createFetch(credential: Credential, options: FetchOptions = {}): Fetch {
  return async (input, init) => {
    const send = options.fetch ?? globalThis.fetch
    const url = normalised(isRequest(input) ? input.url : String(input))
    const authorization = credential.authorizationFor(url)
    const response = await send(input, authorized(input, init, authorization))
    if (response.status !== 401 || (response.redirected && !sameOrigin(response.url, url))) {
      return response
    }
    const retry = credential.rejected(authorization, response.headers.get('date'))
    if (!retry || isOneShot(init?.body ?? (isRequest(input) ? input.body : null))) {
      return response
    }
    await response.body?.cancel()
    return send(input, authorized(input, init, credential.authorizationFor(url)))
  }
}

/** By its shape: a `fetch` of undici's has a `Request` of its own. */
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input
}

function authorized(input: Input, init: Init, authorization: string): Init {
  const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined))
  headers.set('authorization', authorization)
  return { ...init, headers }
}
