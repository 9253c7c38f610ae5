// A web service that calls Scout for its own users:
//
//     npm install scout-auth express
//     SCOUT_CREDENTIAL_FILE=/etc/scout/credential.json node express-service.mjs 8080
//
// Its users hold no credential of Scout, so put your own authentication in front of it. A rotation that
// replaces the file needs no restart. If Scout is at fault, or our credential, users get 502 or 503 and the
// reason is in the log alone. SCOUT_URL is another address of the API, for tests.
import { subscribe } from 'node:diagnostics_channel'
import express from 'express'
import { createFetch, ScoutAuthError, Signer } from 'scout-auth'

const api = new URL(process.env.SCOUT_URL ?? 'https://api.scoutos.com')

// Made once. A credential that cannot be used ends the service here, at its start.
const signer = Signer.fromEnv(process.env, { allowedOrigins: [api.origin] })
const scoutFetch = createFetch(signer)

// Each rotation, in the log. No event holds a key or a token.
subscribe('scout_auth', (event) => event.name === 'rotated' && console.log('rotated to', event.new))

/** Scout did not do what it was asked. */
class ScoutError extends Error {
  constructor(status, message, retryAfter) {
    super(message)
    Object.assign(this, { status, retryAfter })
  }
}

/** What Scout answers to a GET. The headers of our user, above all Authorization and Cookie, do not go there. */
async function askScout(path) {
  try {
    const response = await scoutFetch(new URL(path, api), { signal: AbortSignal.timeout(30_000) })
    if (response.ok) {
      return await response.json()
    }
    await response.body?.cancel()
    // A 401 was already answered once with a new token.
    const message = `Scout answered ${response.status} to ${path}`
    const isBusy = response.status === 429
    throw new ScoutError(isBusy ? 503 : 502, message, isBusy && (response.headers.get('retry-after') ?? '30'))
  } catch (error) {
    if (error instanceof ScoutAuthError || error instanceof ScoutError) {
      throw error
    }
    const status = error.name === 'TimeoutError' ? 504 : 502
    throw new ScoutError(status, `Scout did not answer: ${error.cause?.code ?? error.name}`)
  }
}

const app = express()
app.disable('x-powered-by')

app.get('/workflows', async (_request, response) => {
  response.json(await askScout('/v2/workflows'))
})

// 200 if there is a credential to sign with. Scout is not asked, so its failures restart nothing here.
app.get('/healthz', (_request, response) => {
  signer.bearer()
  // The last good credential stays in use if a rotation has left a file that cannot be read.
  response.json({ kid: signer.kid, source_error: signer.sourceError?.code ?? null })
})

// Express wants four parameters here.
app.use((error, _request, response, next) => {
  const isOurs = error instanceof ScoutAuthError || error instanceof ScoutError
  if (!isOurs || response.headersSent) {
    next(error)
    return
  }
  // The text says what to do, and holds no part of the key. Users can do nothing about it.
  console.error(`${error.message} [${error.code ?? error.status}]`)
  if (error.retryAfter) response.set('retry-after', error.retryAfter)
  response.status(error instanceof ScoutError ? error.status : 503).json({ detail: 'Scout is not available' })
})

const server = app.listen(Number(process.argv[2]), 'localhost', (error) => {
  if (error) throw error
  console.log(`listening on http://localhost:${server.address().port}`)
})
// Answers what is running, and takes no more.
process.on('SIGTERM', () => server.close())
