// A client program in JavaScript: node client.mjs fetch|undici|axios|got. See tests/README.md.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

// The installed package, and the clients.
const require = createRequire(new URL('../../node/test/', import.meta.url))
const { createFetch, gotHooks, interceptAxios, Signer, undiciInterceptor } = require('scout-auth')

const clients = {
  fetch(signer) {
    const fetch = createFetch(signer)
    return async (method, url, body) => {
      const response = await fetch(url, { method, body })
      await response.text()
      return response.status
    }
  },

  undici(signer, origin) {
    const { Agent, interceptors, request } = require('undici')
    const redirects = interceptors.redirect({ maxRedirections: 3 })
    const dispatcher = new Agent().compose(undiciInterceptor(signer, origin), redirects)
    return async (method, url, body) => {
      const response = await request(url, { dispatcher, method, body })
      await response.body.dump()
      return response.statusCode
    }
  },

  axios(signer) {
    const axios = require('axios')
    const api = interceptAxios(axios.create({ validateStatus: null }), signer)
    return async (method, url, data) => (await api.request({ method, url, data })).status
  },

  got(signer) {
    const { default: got } = require('got')
    const api = got.extend({ hooks: gotHooks(signer), throwHttpErrors: false })
    return async (method, url, body) => (await api(url, { method, body })).statusCode
  },
}

let send

async function answer(call, given) {
  if (call !== 'follow') {
    return send(call, ...given)
  }
  const [origin, path, lifetime, refreshMargin] = given
  const signer = Signer.fromFile(path, { lifetime: Number(lifetime), refreshMargin: Number(refreshMargin) })
  send = clients[process.argv[2]](signer, origin)
  return 'ok'
}

for await (const line of createInterface({ input: process.stdin })) {
  const [number, call, ...given] = line.split(' ')
  answer(call, given).then(
    (answer) => console.log(number, answer),
    (error) => console.log(number, (error.cause ?? error).code ?? String(error)),
  )
}
