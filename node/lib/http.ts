import { argumentError } from './error'

/**
 * What an HTTP client authenticates with: a `Signer`, an `ApiKey`, or an object of your own that
 * has these two methods, for example one that chooses a signer for each customer.
 */
export interface Credential {
  /**
   * Returns the value of the header `Authorization` for a request to that absolute URL, and throws
   * if the credential must not be sent there.
   */
  authorizationFor(url: string | URL): string

  /**
   * Called after a response of 401, with the header value that was sent and the response's header
   * `Date`. Returns whether to send the request once more.
   */
  rejected(token: string, date?: string | null): boolean
}

/** Refuses a wrong credential when a client is made, not at its first request. */
export function checkCredential(credential: Credential): void {
  if (typeof credential?.authorizationFor !== 'function' || typeof credential.rejected !== 'function') {
    throw argumentError('credential', 'a Signer, an ApiKey, or an object with authorizationFor and rejected')
  }
}

/**
 * The date from which to learn the server's clock. `header` returns the value of a header. A response
 * with `Age` comes from a cache, and its date is old.
 */
export function dateOf(header: (name: string) => unknown): string | null {
  const date = header('date')
  return header('age') === undefined || header('age') === null
    ? (([date].flat()[0] as string | undefined) ?? null)
    : null
}

/** Whether the body is a stream, which cannot be sent twice. */
export function isOneShot(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) {
    return false
  }
  return Symbol.asyncIterator in body || 'pipe' in body || 'next' in body
}

/**
 * Whether a request may be sent again after a redirect: only if it changes nothing. A redirect may
 * turn a POST into a GET, after the server has done the work of the POST.
 */
export function isSafe(method: string | undefined): boolean {
  return /^(GET|HEAD)$/i.test(method ?? 'GET')
}

/** Discards the body of a response that is not read, so that its connection is free. */
export async function discard(body: unknown): Promise<void> {
  const { cancel, destroy } = (body ?? {}) as { cancel?: () => Promise<void>; destroy?: () => void }
  await (cancel ?? destroy)?.call(body)
}

/** The URL as the client will read it. Text that is not a URL stays as it is, and core refuses it. */
export function normalised(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url
}

/** The origin of the URL with which the user names one. */
export function originOf(url: string | URL): string {
  const { protocol, origin } = URL.canParse(String(url)) ? new URL(url) : { protocol: '', origin: '' }
  if (!/^https?:$/.test(protocol)) {
    throw argumentError('origin', 'an absolute URL, such as https://api.scoutos.com')
  }
  return origin
}

/** Whether two absolute URLs have the same origin. */
export function sameOrigin(one: string | URL, other: string | URL): boolean {
  return new URL(one).origin === new URL(other).origin
}
