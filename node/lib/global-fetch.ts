import { beneath, createFetch, unwrapped, urlOf } from './fetch'
import { type Credential, originOf } from './http'

/**
 * Makes the global `fetch` authenticate the requests to one origin:
 * `installFetch(signer, 'https://api.scoutos.com')`. It is for programs and SDKs that cannot be given a
 * `fetch`. To that origin it does what the `fetch` of {@link createFetch} does, and takes the place of an
 * `Authorization` that the program sets. All other requests pass as they are.
 *
 * It may be called again, also for the same origin: no request is signed twice. The origin is what keeps
 * the header from following a redirect to another one.
 *
 * @param origin An absolute URL; its path is ignored.
 * @returns A function that takes the installation back.
 * @throws {ScoutAuthError} `ERR_ARGUMENT`.
 */
export function installFetch(credential: Credential, origin: string | URL): () => void {
  const home = originOf(origin)
  const next = globalThis.fetch
  const authenticated = createFetch(credential, { fetch: next })
  let isInstalled = true
  // Async, so that an argument without a text rejects, as it does with any fetch.
  const installed: typeof next = async (input, init) =>
    isInstalled && isFor(home, urlOf(input)) ? authenticated(input, init) : next(input, init)
  beneath.set(installed, unwrapped(next))
  globalThis.fetch = installed
  return () => {
    isInstalled = false
    // If a tool has wrapped it meanwhile, it stays and passes every request on.
    if (globalThis.fetch === installed) {
      globalThis.fetch = next
    }
  }
}

function isFor(origin: string, url: string): boolean {
  return URL.canParse(url) && new URL(url).origin === origin
}
