import type { Hooks, Response } from 'got' with { 'resolution-mode': 'import' }

import { type Credential, isOneShot, sameOrigin } from './http'

/** Hooks as got takes them. By their shape: got need not be installed. */
type AnyHooks = Record<'beforeRequest' | 'beforeRedirect' | 'afterResponse', AnyHook[]>

// biome-ignore lint/suspicious/noExplicitAny: whatever got gives.
type AnyHook = (...given: any[]) => any

/**
 * Hooks for got that authenticate each request: `got.extend({ hooks: gotHooks(signer) })`.
 *
 * The header is sent over https and to loopback only, and never to another origin on a redirect.
 * After a 401 they ask `rejected` and send the request once more, unless its body is a stream. A
 * request may also reject with got's `RequestError` whose `code` is `ERR_URL_INSECURE`,
 * `ERR_ORIGIN_NOT_ALLOWED` or one of `Signer.mint`, and whose `cause` is the `ScoutAuthError`.
 */
export function gotHooks(credential: Credential): AnyHooks {
  // The options of requests that a redirect took to another origin.
  const left = new WeakSet<object>()
  const hooks: Pick<Hooks, keyof AnyHooks> = {
    beforeRequest: [
      (options) => {
        if (!left.has(options)) {
          options.headers.authorization = credential.authorizationFor(String(options.url))
        }
      },
    ],
    beforeRedirect: [
      (options, response) => {
        if (hasLeft(response)) {
          left.add(options)
          delete options.headers.authorization
        }
      },
    ],
    afterResponse: [
      (response, retry) => {
        const { options } = response.request
        if (response.statusCode !== 401 || hasLeft(response)) {
          return response
        }
        const again = credential.rejected(String(options.headers.authorization), response.headers.date)
        return again && !isOneShot(options.body) ? retry({}) : response
      },
    ],
  }
  return hooks
}

/** Whether a redirect led to another origin, if only for a while. */
function hasLeft({ requestUrl, redirectUrls }: Pick<Response, 'requestUrl' | 'redirectUrls'>): boolean {
  return redirectUrls.some((url) => !sameOrigin(url, requestUrl))
}
