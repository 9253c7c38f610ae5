// Every HTTP client, and the servers that they meet.
import https from 'node:https'
import axios from 'axios'
import oldestAxios from 'axios-oldest'
import got from 'got'
import jsonwebtoken from 'jsonwebtoken'
import { createFetch, gotHooks, installFetch, interceptAxios, undiciInterceptor } from 'scout-auth'
import * as undici from 'undici'
import { certificate, key } from './helper.mjs'

export const tls = certificate()
const redirects = undici.interceptors.redirect({ maxRedirections: 3 })
export const agent = () => new undici.Agent({ connect: { ca: tls.cert } })

function fetching(fetch, init) {
  return async (url, body) => {
    const response = await fetch(url, { ...init, ...(body && { method: 'POST', body, duplex: 'half' }) })
    return { status: response.status, text: await response.text() }
  }
}

function dispatching(...interceptors) {
  const dispatcher = agent().compose(...interceptors)
  return async (url, body) => {
    const response = await undici.request(url, { dispatcher, ...(body && { method: 'POST', body }) })
    return { status: response.statusCode, text: await response.body.text() }
  }
}

function axiosClient(axios, credential, config) {
  const httpsAgent = new https.Agent({ ca: tls.cert })
  const instance = interceptAxios(axios.create({ httpsAgent, ...config }), credential)
  return async (url, body) => {
    const request = instance.request({ url, ...(body && { method: 'POST', data: body }) })
    const { status, data } = await request.catch((error) => error.response ?? Promise.reject(error))
    return { status, text: data }
  }
}

function gotClient(credential) {
  const settings = { throwHttpErrors: false, https: { certificateAuthority: tls.cert }, methodRewriting: false }
  const instance = got.extend(settings, { hooks: gotHooks(credential) })
  return async (url, body) => {
    const { statusCode, body: text } = await instance(url, body ? { method: 'POST', body } : {})
    return { status: statusCode, text }
  }
}

/** Each makes a function that sends a request, by that client, with the credential. */
export const clients = {
  'the global fetch': (credential) => fetching(createFetch(credential)),
  'the global fetch, by installFetch': (credential, origin) => async (url, body) => {
    const uninstall = installFetch(credential, origin)
    return fetching(globalThis.fetch)(url, body).finally(uninstall)
  },
  "undici's fetch": (credential) => fetching(createFetch(credential, { fetch: undici.fetch }), { dispatcher: agent() }),
  'undici, beneath its redirects': (credential, origin) =>
    dispatching(undiciInterceptor(credential, origin), redirects),
  'undici, above its redirects': (credential, origin) => dispatching(redirects, undiciInterceptor(credential, origin)),
  "undici's fetch, by its dispatcher": (credential, origin) =>
    fetching(undici.fetch, { dispatcher: agent().compose(undiciInterceptor(credential, origin)) }),
  'axios that throws at 401': (credential) => axiosClient(axios, credential),
  'axios that returns 401': (credential) => axiosClient(axios, credential, { validateStatus: () => true }),
  'axios by its fetch adapter': (credential) => axiosClient(axios, credential, { adapter: 'fetch' }),
  'the oldest axios': (credential) => axiosClient(oldestAxios, credential),
  got: gotClient,
}

/** Answers 200 to a token that is valid by this server's clock, else 401. */
export function verifying(secondsAhead = 0) {
  return (request, response) => {
    const now = Math.floor(Date.now() / 1000) + secondsAhead
    response.setHeader('Date', new Date(now * 1000).toUTCString())
    try {
      const token = request.headers.authorization.slice('Bearer '.length)
      jsonwebtoken.verify(token, key.publicKey.toPem(), { algorithms: ['RS256'], clockTimestamp: now })
      response.end(request.text)
    } catch {
      response.writeHead(401).end('no')
    }
  }
}

export function redirecting(to) {
  return (request, response) => {
    if (request.url === '/') response.writeHead(302, { location: to() }).end()
    else verifying()(request, response)
  }
}
