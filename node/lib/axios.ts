import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios'

import { type Credential, isOneShot, normalised, sameOrigin } from './http'

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>

/** What is used of an axios instance. By its shape: axios has types of its own for ESM and CommonJS. */
export interface Interceptable {
  interceptors: Record<'request' | 'response', { use(fulfilled: Handler, rejected?: Handler): unknown }>
  getUri(config: object): string
  request(config: object): Promise<unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: whatever axios gives.
type Handler = (given: any) => any

/** What is known of one request. */
interface Attempt {
  authorization: string
  url: string
  isRetry: boolean
  hasLeft: boolean
}

/**
 * Adds interceptors to an axios instance that authenticate each of its requests:
 * `interceptAxios(axios.create({ baseURL }), signer)`.
 *
 * The header is sent over https and to loopback only, and never to another origin on a redirect.
 * After a 401 they ask `rejected` and send the request once more, unless its body is a stream. A
 * request may also reject with a `ScoutAuthError`: `ERR_URL`, `ERR_URL_INSECURE`,
 * `ERR_ORIGIN_NOT_ALLOWED`, and those of `Signer.mint`.
 *
 * @returns The same instance.
 */
export function interceptAxios<Instance extends Interceptable>(instance: Instance, credential: Credential): Instance {
  // Keyed by the one function that axios takes over from a config into the next.
  const attempts = new WeakMap<BeforeRedirect, Attempt>()
  const attemptOf = (config?: InternalAxiosRequestConfig) =>
    config?.beforeRedirect && attempts.get(config.beforeRedirect)

  instance.interceptors.request.use((config: InternalAxiosRequestConfig) => {
    const url = normalised(instance.getUri(config))
    const authorization = credential.authorizationFor(url)
    const attempt = { authorization, url, isRetry: attemptOf(config) !== undefined, hasLeft: false }
    config.headers.set('Authorization', authorization)
    config.beforeRedirect = leavingBehind(attempt, config.beforeRedirect)
    attempts.set(config.beforeRedirect, attempt)
    return config
  })

  const shouldRetry = (response?: AxiosResponse) => {
    const attempt = attemptOf(response?.config)
    if (response?.status !== 401 || !attempt || attempt.hasLeft) {
      return false
    }
    const { date } = response.headers
    return credential.rejected(attempt.authorization, date) && !attempt.isRetry && !isOneShot(response.config.data)
  }
  instance.interceptors.response.use(
    (response: AxiosResponse) => (shouldRetry(response) ? instance.request(response.config) : response),
    (error: AxiosError) => {
      if (shouldRetry(error.response)) {
        return instance.request((error.response as AxiosResponse).config)
      }
      throw error
    },
  )
  return instance
}

/** Drops the header where a redirect leads to another origin. */
function leavingBehind(attempt: Attempt, next?: BeforeRedirect): BeforeRedirect {
  return (options, ...others) => {
    attempt.hasLeft ||= !sameOrigin(options.href, attempt.url)
    if (attempt.hasLeft) {
      for (const name of Object.keys(options.headers)) {
        if (name.toLowerCase() === 'authorization') {
          delete options.headers[name]
        }
      }
    }
    next?.(options, ...others)
  }
}
