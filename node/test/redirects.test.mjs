// The header stays with the origin that it was signed for, and a request is repeated only if that is safe.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import test from 'node:test'
import axios from 'axios'
import got from 'got'
import { gotHooks, interceptAxios, Signer, undiciInterceptor } from 'scout-auth'
import * as undici from 'undici'
import { fails, key, serve } from './helper.mjs'
import { clients, verifying } from './http.mjs'

// An hour is the limit.
const fiftyMinutes = 3_000_000
const headersOf = ({ requests }) => requests.map(({ headers }) => headers.authorization?.slice(0, 6))
/** got without its pauses between retries. */
const hastyGot = (credential) =>
  got.extend({ hooks: gotHooks(credential), retry: { calculateDelay: ({ computedValue }) => computedValue && 1 } })

/** An origin that redirects to another one, which answers in turn with these statuses, fifty minutes ahead. */
async function leading(...statuses) {
  const other = await serve((_, response) => {
    response.setHeader('Date', new Date(Date.now() + fiftyMinutes).toUTCString())
    response.writeHead(statuses.shift() ?? 200).end('there')
  })
  const home = await serve((_, response) => response.writeHead(302, { location: `${other.origin}/there` }).end())
  return { home, other, signer: new Signer('cred_1', key) }
}

test('got signs for no other origin when it retries there', async () => {
  const { home, other, signer } = await leading(503)
  assert.equal(await hastyGot(signer)(`${home.origin}/`).text(), 'there')
  assert.deepEqual([headersOf(home), headersOf(other)], [['Bearer'], [undefined, undefined]])
})

test('got learns no clock from another origin that it retried at', async () => {
  const { home, other, signer } = await leading(503, 401)
  const first = signer.authorization()
  await assert.rejects(hastyGot(signer)(`${home.origin}/`), { code: 'ERR_NON_2XX_3XX_RESPONSE' })
  assert.deepEqual([headersOf(other), signer.clockOffset], [[undefined, undefined], 0])
  assert.equal(signer.authorization(), first)
})

test('got.stream signs for no other origin when it retries there', async () => {
  const { home, other, signer } = await leading(503)
  const text = await new Promise((resolve, reject) => {
    const read = (stream) => {
      stream.once('retry', (_count, _error, createRetryStream) => read(createRetryStream()))
      stream.once('error', reject)
      let text = ''
      stream.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text))
    }
    read(hastyGot(signer).stream(`${home.origin}/`))
  })
  assert.equal(text, 'there')
  assert.deepEqual([headersOf(home), headersOf(other)], [['Bearer'], [undefined, undefined]])
})

for (const options of [undefined, { headers: { 'x-one': '1' } }]) {
  test(`got.paginate signs for no other origin that a page links to, ${options ? 'with' : 'without'} options`, async () => {
    const signer = new Signer('cred_1', key)
    const links = { '/1': () => `${home.origin}/2`, '/2': () => `${other.origin}/3`, '/3': () => `${home.origin}/4` }
    const page = (request, response) => {
      const link = links[request.url]?.()
      response.writeHead(200, link && { link: `<${link}>; rel="next"` }).end('["item"]')
    }
    const [home, other] = [await serve(page), await serve(page)]
    const items = await got.extend({ hooks: gotHooks(signer) }).paginate.all(`${home.origin}/1`, options)
    assert.equal(items.length, 4)
    // What the other origin links to is not a request of the user's either.
    assert.deepEqual([headersOf(home), headersOf(other)], [['Bearer', 'Bearer', undefined], [undefined]])
  })
}

test('two requests of one got instance are each signed for their own origin', async () => {
  const one = await serve(verifying())
  const other = await serve(verifying())
  const instance = hastyGot(new Signer('cred_1', key))
  for (const { origin } of [one, other]) assert.equal((await instance(`${origin}/`)).statusCode, 200)
})

for (const [name, client] of Object.entries(clients)) {
  test(`${name}: a POST that a redirect turned into a GET is not sent a second time after a 401`, async () => {
    const done = []
    const { origin } = await serve((request, response) => {
      done.push(request.method)
      if (request.method === 'POST') response.writeHead(303, { location: '/result' }).end()
      else verifying(3000)(request, response)
    })
    const signer = new Signer('cred_1', key)
    await client(signer, origin)(`${origin}/work`, 'hello')
    assert.deepEqual(
      done.filter((method) => method === 'POST'),
      ['POST'],
      String(done),
    )
    assert.ok(signer.clockOffset > 2900)
  })

  test(`${name}: the Date of a response with Age teaches nothing`, async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(401, { date: new Date(Date.now() - fiftyMinutes).toUTCString(), age: '3600' }).end('no')
    })
    const signer = new Signer('cred_1', key)
    assert.equal((await client(signer, origin)(`${origin}/`)).status, 401)
    assert.equal(signer.clockOffset, 0)
  })
}

for (const Dispatcher of [undici.Client, undici.Pool]) {
  test(`the undici interceptor signs beneath a ${Dispatcher.name}, which names no origin`, async () => {
    const { origin, requests } = await serve(verifying(3000))
    const dispatcher = new Dispatcher(origin).compose(undiciInterceptor(new Signer('cred_1', key), origin))
    const { statusCode, body } = await dispatcher.request({ path: '/v2', method: 'POST', body: 'hello' })
    assert.deepEqual([statusCode, await body.text()], [200, 'hello'])
    assert.equal(requests.length, 2)
    await dispatcher.close()
  })
}

test('axios checks the URL that an interceptor changed after ours had run', async () => {
  const home = await serve(verifying())
  const other = await serve((_, response) => response.end())
  const change = { baseURL: other.origin }
  for (const allowedOrigins of [undefined, [home.origin]]) {
    const signer = new Signer('cred_1', key, { allowedOrigins })
    const api = axios.create({ baseURL: home.origin })
    api.interceptors.request.use((config) => Object.assign(config, change))
    interceptAxios(api, signer)
    change.baseURL = 'https://elsewhere.invalid'
    // With a list it is refused; without one, the header is for the host that the request goes to.
    const expected = allowedOrigins ? fails('ERR_ORIGIN_NOT_ALLOWED') : { code: /ENOTFOUND|EAI_AGAIN/ }
    await assert.rejects(api.get('/v2'), expected)
    change.baseURL = 'http://elsewhere.invalid'
    await assert.rejects(api.get('/v2'), fails('ERR_URL_INSECURE'))
  }
  assert.deepEqual([home.requests.length, other.requests.length], [0, 0])
})

test('axios sends http to loopback past a proxy of the environment, and refuses one of the configuration', async (t) => {
  const proxy = await serve((_, response) => response.end('proxy'))
  const { origin, requests } = await serve((_, response) => response.end('home'))
  t.after(() => delete process.env.http_proxy)
  process.env.http_proxy = proxy.origin
  const api = interceptAxios(axios.create({ baseURL: origin }), new Signer('cred_1', key))
  assert.equal((await api.get('/')).data, 'home')
  const { port } = new URL(proxy.origin)
  await assert.rejects(api.get('/', { proxy: { host: 'localhost', port } }), fails('ERR_URL_INSECURE'))
  assert.deepEqual([requests.length, proxy.requests.length], [1, 0])
})

test('axios discards the stream of a 401, so that the retry has its connection', async () => {
  const { origin, requests } = await serve((_, response) => {
    if (requests.length > 1) return response.end('hello')
    response.writeHead(401, { date: new Date(Date.now() + fiftyMinutes).toUTCString() }).end('x'.repeat(200_000))
  })
  const httpAgent = new http.Agent({ maxSockets: 1, keepAlive: true })
  const api = interceptAxios(axios.create({ baseURL: origin, httpAgent }), new Signer('cred_1', key))
  const { data } = await api.get('/', { responseType: 'stream' })
  const [chunk] = await once(data, 'data')
  assert.equal(String(chunk), 'hello')
  httpAgent.destroy()
})
