import type { Hooks, Options } from 'got' with { 'resolution-mode': 'import' }

import { type Credential, checkCredential, dateOf, isOneShot } from './http'

/** Hooks as got takes them. Their types are structural: got may not be installed. */
type AnyHooks = Record<'init' | 'beforeRequest' | 'beforeRedirect' | 'afterResponse' | 'beforeError', AnyHook[]>

// biome-ignore lint/suspicious/noExplicitAny: whatever got passes.
type AnyHook = (...values: any[]) => any

/**
 * Under this symbol, `options.context` holds the origin that a request was first for, or `LEFT` after
 * a redirect or a page link to another one. got copies the context into the options
 * of each redirect, retry and page.
 */
const HOME = Symbol('scout-auth')
const LEFT = ''
type Context = { [HOME]?: string }

/**
 * Returns hooks for got that authenticate each request: `got.extend({ hooks: gotHooks(signer) })`.
 * They send the credential to every https origin that got is called with, unless the credential has
 * `allowedOrigins`.
 *
 * The header is sent over https and to loopback only, and never to another origin on a redirect, a
 * retry after it, or a page of `got.paginate`. After a 401 they ask `rejected` and send the request
 * once more, unless its body is a stream; `got.stream` never does so. A request may also reject with
 * got's `RequestError` whose `code` is `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED` or one of
 * `Signer.mint`, and whose `cause` is the `ScoutAuthError`.
 *
 * @throws {ScoutAuthError} `ERR_ARGUMENT`.
 */
export function gotHooks(credential: Credential): AnyHooks {
  checkCredential(credential)
  const hooks: Pick<Hooks, keyof AnyHooks> = {
    init: [
      ({ url }, options) => {
        // Options that already have a URL are those of the next page.
        if (options?.url) {
          isHome(options, options.url)
          if (url) isHome(options, new URL(url, options.url))
        }
      },
    ],
    beforeRequest: [
      (options) => {
        if (isHome(options, options.url as URL)) {
          options.headers.authorization = credential.authorizationFor(String(options.url))
        } else {
          delete options.headers.authorization
        }
      },
    ],
    beforeRedirect: [
      (options) => {
        if (!isHome(options, options.url as URL)) {
          delete options.headers.authorization
        }
      },
    ],
    afterResponse: [
      (response, retry) => {
        const { options } = response.request
        const { authorization } = options.headers
        if (response.statusCode !== 401 || (options.context as Context)[HOME] === LEFT || !authorization) {
          return response
        }
        const again = credential.rejected(
          String(authorization),
          dateOf((name) => response.headers[name]),
        )
        return again && !isOneShot(options.body) ? retry({}) : response
      },
    ],
    // got prints and serialises the options of a request that failed.
    beforeError: [
      (error) => {
        delete error.options?.headers?.authorization
        return error
      },
    ],
  }
  return hooks
}

/** Whether a request of these options for that URL has stayed within its first origin. */
function isHome({ context }: Pick<Options, 'context'>, url: string | URL): boolean {
  const state = context as Context
  const { origin } = new URL(url)
  state[HOME] ??= origin
  if (state[HOME] !== origin) {
    state[HOME] = LEFT
  }
  return state[HOME] !== LEFT
}
