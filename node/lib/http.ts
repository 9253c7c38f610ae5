import type { ApiKey } from './api-key'
import type { Signer } from './signer'

/** What a client authenticates with. */
export type Credential = Signer | ApiKey

/** Whether the body is a stream: sent once, it cannot be sent again. */
export function isOneShot(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) {
    return false
  }
  return Symbol.asyncIterator in body || 'pipe' in body || 'next' in body
}

/** The URL as the client will read it. What is no URL stays as it is, for core to refuse. */
export function normalised(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url
}

/** Whether two absolute URLs have the same origin. */
export function sameOrigin(one: string | URL, other: string | URL): boolean {
  return new URL(one).origin === new URL(other).origin
}
