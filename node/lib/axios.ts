import type { AxiosError, AxiosResponse, InternalAxiosRequestConfig } from 'axios'

import { refused } from './error'
import { type Credential, checkCredential, dateOf, discard, isOneShot, isSafe, normalised, sameOrigin } from './http'

type Config = InternalAxiosRequestConfig
type BeforeRedirect = NonNullable<Config['beforeRedirect']>
type Fetch = typeof globalThis.fetch

/** What is used of an axios instance. By its shape: axios has types of its own for ESM and CommonJS. */
export interface Interceptable {
  interceptors: Record<'request' | 'response', { use(fulfilled: Handler, rejected?: Handler): unknown }>
  getUri(config: object): string
  request(config: object): Promise<unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: whatever axios passes.
type Handler = (value: any) => any

/** What is known of one request. */
interface Attempt {
  authorization: string
  url: string
  isRetry: boolean
  isRedirected: boolean
  hasLeft: boolean
}

/**
 * Adds interceptors to an axios instance that authenticate each of its requests:
 * `interceptAxios(axios.create({ baseURL }), signer)`. They send the credential to every https
 * origin that axios is called with, unless the credential has `allowedOrigins`.
 *
 * The header is sent over https and to loopback only, and never to another origin on a redirect. A
 * request over http to loopback goes through no proxy. After a 401 they ask `rejected` and send the
 * request once more. They do not do so if the body is a stream, or if a request other than GET and
 * HEAD was redirected. A request may also reject with a `ScoutAuthError`: `ERR_URL`,
 * `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED`, and those of `Signer.mint`.
 *
 * The header is taken off the configuration of a response or an error before you get it.
 *
 * @returns The same instance.
 * @throws {ScoutAuthError} `ERR_ARGUMENT`.
 */
export function interceptAxios<Instance extends Interceptable>(instance: Instance, credential: Credential): Instance {
  checkCredential(credential)
  // Keyed by `beforeRedirect`, which axios copies from the config of a request into that of its retry.
  const attempts = new WeakMap<BeforeRedirect, Attempt>()
  const attemptOf = (config?: Config) => config?.beforeRedirect && attempts.get(config.beforeRedirect)
  const watch = new FetchWatch()

  // As the last of the functions that transform a request it runs after every interceptor, when the
  // URL is final.
  function sign(this: Config, data: unknown): unknown {
    // What the config says, and never the defaults of the instance: axios has merged those already.
    const { baseURL = '', allowAbsoluteUrls = true } = this
    const url = normalised(instance.getUri({ ...this, baseURL, allowAbsoluteUrls }))
    const authorization = credential.authorizationFor(url)
    if (url.startsWith('http:')) {
      if (this.proxy) throw refused('ERR_URL_INSECURE')
      this.proxy = false
    }
    const isRetry = attemptOf(this) !== undefined
    const attempt = { authorization, url, isRetry, isRedirected: false, hasLeft: false }
    this.headers.set('Authorization', authorization)
    this.beforeRedirect = following(attempt, this.beforeRedirect)
    attempts.set(this.beforeRedirect, attempt)
    if (usesFetch(this)) {
      const env = this.env as { fetch?: Fetch } | undefined
      this.env = { ...env, fetch: watch.over(env?.fetch ?? globalThis.fetch) } as Config['env']
    }
    return data
  }

  instance.interceptors.request.use((config: Config) => {
    const others = [config.transformRequest ?? []].flat().filter((transform) => transform !== sign)
    config.transformRequest = [...others, sign]
    return config
  })

  const shouldRetry = (response?: AxiosResponse) => {
    const attempt = attemptOf(response?.config)
    if (response?.status !== 401 || !attempt) {
      return false
    }
    if (usesFetch(response.config)) {
      watch.tell(response.request, attempt)
    }
    if (attempt.hasLeft) {
      return false
    }
    const isWorthIt = credential.rejected(
      attempt.authorization,
      dateOf((name) => response.headers[name]),
    )
    const { data, method } = response.config
    return isWorthIt && !attempt.isRetry && !isOneShot(data) && (!attempt.isRedirected || isSafe(method))
  }
  const retry = async ({ config, data }: AxiosResponse) => {
    await discard(data)
    return instance.request(config)
  }
  instance.interceptors.response.use(
    (response: AxiosResponse) => (shouldRetry(response) ? retry(response) : withoutHeader(response)),
    (error: AxiosError) => {
      if (shouldRetry(error.response)) {
        return retry(error.response as AxiosResponse)
      }
      throw withoutHeader(error)
    },
  )
  return instance
}

/** Notes a redirect, and removes the header if it leads to another origin. */
function following(attempt: Attempt, next?: BeforeRedirect): BeforeRedirect {
  return (options, ...others) => {
    attempt.isRedirected = true
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

function usesFetch({ adapter }: Config): boolean {
  return [adapter].flat()[0] === 'fetch'
}

/** Sees the redirects that axios's fetch adapter follows: it calls no `beforeRedirect`. */
class FetchWatch {
  readonly #answers = new WeakMap<object, Response>()
  // axios keeps an adapter for each fetch that it has seen, so each fetch is wrapped only once.
  readonly #watched = new WeakMap<Fetch, Fetch>()

  over(fetch: Fetch): Fetch {
    const watched: Fetch = this.#watched.get(fetch) ?? ((input, init) => this.#note(input, fetch(input, init)))
    return this.#watched.set(fetch, watched).set(watched, watched).get(fetch) as Fetch
  }

  async #note(input: Parameters<Fetch>[0], answer: Promise<Response>): Promise<Response> {
    const response = await answer
    if (typeof input === 'object') this.#answers.set(input, response)
    return response
  }

  /** An older axios ignores `env.fetch` and hides its redirects: then this assumes the worst. */
  tell(request: object, attempt: Attempt): void {
    const { redirected, url } = this.#answers.get(request) ?? { redirected: true, url: 'about:blank' }
    attempt.isRedirected = redirected
    attempt.hasLeft = redirected && !sameOrigin(url, attempt.url)
  }
}

/** Removes the header from what is printed or serialised of a response or an error. */
function withoutHeader<T extends Partial<AxiosResponse & AxiosError>>(result: T): T {
  const headers: Partial<Config['headers']> | undefined = result.config?.headers
  headers?.delete?.('Authorization')
  // Node's request contains the header as text.
  for (const holder of [result, result.response]) {
    if (holder?.request) Object.defineProperty(holder, 'request', { enumerable: false })
  }
  return result
}
