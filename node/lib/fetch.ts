import { type Credential, checkCredential, dateOf, discard, isOneShot, isSafe, normalised, sameOrigin } from './http'

/** What is used of a response of any `fetch`. */
interface FetchResponse {
  readonly status: number
  readonly url: string
  readonly redirected: boolean
  readonly headers: { get(name: string): string | null }
  readonly body: unknown
}

/** Any `fetch`: the global one, undici's, node-fetch's. */
// biome-ignore lint/suspicious/noExplicitAny: each fetch has types of its own.
export type AnyFetch = (input: any, init?: any) => Promise<FetchResponse>

/** Settings of {@link createFetch}. */
export interface FetchOptions<Fetch extends AnyFetch = typeof globalThis.fetch> {
  /** The `fetch` to call, for example undici's; by default the global one at the time of the call. */
  fetch?: Fetch | undefined
}

/** The largest body of a `Request` that is kept to be sent again, in bytes. */
const LARGEST_COPY = 1024 * 1024

/** What each `fetch` made here calls. One made here never calls another, so no request is signed twice. */
export const beneath = new WeakMap<AnyFetch, AnyFetch>()

/**
 * Returns a `fetch` that authenticates each request. It sends the credential to every https origin
 * that it is called with, unless the credential has `allowedOrigins`.
 *
 * It sends the header over https and to loopback only. The global `fetch` and undici's never take it to
 * another origin on a redirect; node-fetch does so within a host and to its parent domain.
 * After a 401 it asks `rejected` and sends the request once more. It does not do so if the body is
 * a stream, if a `Request` has a body of more than 1 MiB, or if a request other than GET and HEAD
 * was redirected.
 *
 * `globalThis.fetch = createFetch(signer)` works too.
 *
 * @returns A function like `fetch`, whose promise may also reject with a `ScoutAuthError`:
 * `ERR_URL`, `ERR_URL_INSECURE`, `ERR_ORIGIN_NOT_ALLOWED`, and those of `Signer.mint`.
 * @throws {ScoutAuthError} `ERR_ARGUMENT`.
 */
export function createFetch<Fetch extends AnyFetch = typeof globalThis.fetch>(
  credential: Credential,
  options: FetchOptions<Fetch> = {},
): Fetch {
  checkCredential(credential)
  const first = unwrapped(options.fetch ?? globalThis.fetch)
  const authenticated: AnyFetch = async (input, init) => {
    const url = normalised(urlOf(input))
    // Text, because the program may change its URL object before the request is repeated.
    const target = isRequest(input) ? input : url
    const authorization = credential.authorizationFor(url)
    const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined))
    if (headers.get('authorization') === authorization) {
      // Our own request came back: this function is the global fetch, and something has wrapped it.
      return first(input, init)
    }
    headers.set('authorization', authorization)
    // Looked up late, so that a test may replace the global fetch.
    const send = unwrapped(options.fetch ?? globalThis.fetch)
    const copy = new BodyCopy(input, init)
    try {
      const response = await send(target, { ...init, headers })
      if (response.status !== 401 || (response.redirected && !sameOrigin(response.url, url))) {
        return response
      }
      const isWorthIt = credential.rejected(
        authorization,
        dateOf((name) => response.headers.get(name)),
      )
      const again = copy.body()
      if (!isWorthIt || !again || (response.redirected && !isSafe(init?.method ?? input.method))) {
        return response
      }
      await discard(response.body)
      headers.set('authorization', credential.authorizationFor(url))
      return await send(target, { ...init, ...again, headers })
    } finally {
      copy.stop()
    }
  }
  beneath.set(authenticated, first)
  return authenticated as Fetch
}

export function unwrapped(fetch: AnyFetch): AnyFetch {
  return beneath.get(fetch) ?? fetch
}

/** The URL of a request, as text. */
export function urlOf(input: unknown): string {
  return isRequest(input) ? input.url : String(input)
}

/** By its shape: undici's and node-fetch's `fetch` have a `Request` of their own. */
function isRequest(input: unknown): input is Request {
  return typeof input === 'object' && input !== null && 'url' in input
}

/**
 * What is needed to send the body of a request again. Only the body of a `Request` is copied, while
 * it is sent. Any other body can be passed a second time.
 */
class BodyCopy {
  #isWhole = true
  #chunks: Uint8Array[] | undefined
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(input: unknown, init?: { body?: unknown }) {
    const body = init?.body ?? null
    if (body !== null || !isRequest(input) || !input.body) {
      this.#isWhole = !isOneShot(body)
      return
    }
    this.#isWhole = false
    // node-fetch's body is another kind of stream. A body that was used is an error of fetch's.
    if (typeof input.body.getReader === 'function' && !input.bodyUsed && !input.body.locked) {
      this.#reader = input.clone().body?.getReader()
      this.#read().catch(() => this.stop())
    }
  }

  async #read(): Promise<void> {
    const chunks: Uint8Array[] = []
    let size = 0
    for (;;) {
      const { value, done } = (await this.#reader?.read()) ?? { done: true }
      if (done) break
      size += value.byteLength
      if (size > LARGEST_COPY) return this.stop()
      chunks.push(value)
    }
    if (this.#reader) {
      this.#chunks = chunks
      this.#isWhole = true
    }
  }

  /** The member of `init` with which to send the body again; nothing if it is not at hand. */
  body(): { body?: Buffer } | undefined {
    if (!this.#isWhole) {
      return undefined
    }
    return this.#chunks ? { body: Buffer.concat(this.#chunks) } : {}
  }

  /** Stops copying, so that memory for the rest of the body is free. */
  stop(): void {
    this.#reader?.cancel().catch(() => {})
    this.#reader = undefined
  }
}
