// Calls the Scout API and prints what it answers:
//
//     node call.mjs GET /v2/workflows
//     node call.mjs POST /v2/workflows '{"name":"hello"}'
//
// SCOUT_PRIVATE_KEY and SCOUT_CREDENTIAL_ID are the credential, as Scout issued it. SCOUT_URL is another
// server to call, for example one for tests.
import { setTimeout as pause } from 'node:timers/promises'
import { createFetch, ScoutAuthError, Signer } from 'scout-auth'

const ATTEMPTS = 4
const BUSY = [429, 502, 503, 504]

const server = new URL(process.env.SCOUT_URL ?? 'https://api.scoutos.com')

/** Sends a request, and waits and sends it again while the server is too busy for it. */
async function call(scoutFetch, method, path, body) {
  for (let attempt = 1; ; attempt++) {
    const response = await scoutFetch(new URL(path, server), {
      method,
      body,
      headers: body && { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
    })
    if (!BUSY.includes(response.status) || attempt === ATTEMPTS) {
      return response
    }
    await response.body?.cancel()
    const seconds = Number(response.headers.get('retry-after') ?? 2 ** attempt)
    await pause(Math.min(seconds, 60) * 1000)
  }
}

try {
  const [method, path, body] = process.argv.slice(2)
  // No other server gets a token, whatever path is given.
  const signer = Signer.fromEnv(process.env, { allowedOrigins: [server.origin] })
  const response = await call(createFetch(signer), method, path, body)
  console.log(await response.text())
  if (!response.ok) {
    console.error(`${response.status} ${response.statusText}`)
    process.exitCode = 1
  }
} catch (error) {
  // Its text says what is wrong with the credential and what to do, and holds no part of the key.
  console.error(error instanceof ScoutAuthError ? `${error.code}: ${error.message}` : String(error))
  process.exitCode = 2
}
