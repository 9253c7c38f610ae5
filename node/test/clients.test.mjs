import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import dns from 'node:dns'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import test from 'node:test'
import { promisify } from 'node:util'
import axios from 'axios'
import oldestAxios from 'axios-oldest'
import { ApiKey, createFetch, interceptAxios, Signer, undiciInterceptor } from 'scout-auth'
import * as undici from 'undici'
import { key, load, serve, temporary } from './helper.mjs'
import { agent, clients, redirecting, tls, verifying } from './http.mjs'

for (const [name, client] of Object.entries(clients)) {
  const start = async (answer, options) => {
    const server = await serve(answer, options)
    const signer = new Signer('cred_1', key)
    return { ...server, signer, send: client(signer, server.origin) }
  }

  test(`${name}: the server accepts the request and gets its body`, async () => {
    const { origin, send } = await start(verifying())
    assert.deepEqual(await send(`${origin}/v2`), { status: 200, text: '' })
    assert.deepEqual(await send(`${origin}/v2`, 'hello'), { status: 200, text: 'hello' })
  })

  test(`${name}: after a 401 the clock of the server is learnt, and the request sent once more`, async () => {
    const { origin, requests, signer, send } = await start(verifying(3000))
    // Beneath a fetch, every body is a stream.
    const body = name.endsWith('dispatcher') ? '' : 'hello'
    assert.deepEqual(await send(`${origin}/v2`, body), { status: 200, text: body })
    assert.deepEqual(
      requests.map(({ text }) => text),
      [body, body],
    )
    assert.ok(signer.clockOffset > 2900)
    assert.equal((await send(`${origin}/v2`)).status, 200)
    assert.equal(requests.length, 3)
  })

  test(`${name}: the caller gets a second 401`, async () => {
    const { origin, requests, send } = await start((_, response) => {
      response.setHeader('Date', new Date(Date.now() + 60_000 * requests.length).toUTCString())
      response.writeHead(401).end('no')
    })
    assert.deepEqual(await send(`${origin}/v2`), { status: 401, text: 'no' })
    assert.equal(requests.length, 2)
  })

  test(`${name}: a stream is never sent twice`, async () => {
    const { origin, requests, signer, send } = await start(verifying(3000))
    assert.deepEqual(await send(`${origin}/v2`, Readable.from(['hello'])), { status: 401, text: 'no' })
    assert.equal(requests.length, 1)
    assert.ok(signer.clockOffset > 2900)
  })

  test(`${name}: a redirect within the origin keeps the header`, async () => {
    const { origin, requests, send } = await start(redirecting(() => '/there'))
    const { status } = await send(`${origin}/`)
    assert.equal(status, 200)
    assert.equal(requests[1].url, '/there')
    assert.equal(requests[1].headers.authorization, requests[0].headers.authorization)
  })

  test(`${name}: a redirect to another origin leaves the header behind, and its 401 counts for nothing`, async () => {
    const other = await serve(verifying(3000))
    const { origin, requests, signer, send } = await start(redirecting(() => `${other.origin}/there`))
    assert.equal((await send(`${origin}/`)).status, 401)
    assert.ok(requests[0].headers.authorization)
    assert.deepEqual(
      other.requests.map(({ url, headers }) => [url, headers.authorization]),
      [['/there', undefined]],
    )
    assert.equal(signer.clockOffset, 0)
  })

  test(`${name}: an API key is sent, and not again`, async () => {
    const { origin, requests } = await serve((_, response) => response.writeHead(401).end('no'))
    const send = client(new ApiKey('legacy'), origin)
    assert.equal((await send(`${origin}/v2`)).status, 401)
    assert.deepEqual(
      requests.map(({ headers }) => headers.authorization),
      ['Bearer legacy'],
    )
  })

  test(`${name}: plain http to elsewhere is refused before anything is sent`, async () => {
    const send = client(new Signer('cred_1', key), 'http://scout.invalid')
    const error = await send('http://scout.invalid/v2').catch((error) => error)
    assert.equal((error.cause ?? error).code, 'ERR_URL_INSECURE')
  })

  // The global fetch takes no certificate: see below.
  if (!name.startsWith('the global fetch') && name !== 'axios by its fetch adapter') {
    test(`${name}: https works`, async () => {
      const { origin, send } = await start(verifying(), tls)
      assert.deepEqual(await send(`${origin}/v2`, 'hello'), { status: 200, text: 'hello' })
    })
  }
}

test('the global fetch: https works', async () => {
  const { origin } = await serve(verifying(), tls)
  const certificate = join(temporary(), 'cert.pem')
  writeFileSync(certificate, tls.cert)
  const script = `
    const { createFetch, fromEnv } = ${load}
    createFetch(fromEnv())(${JSON.stringify(origin)}).then(({ status }) => console.log(status))`
  const env = { NODE_EXTRA_CA_CERTS: certificate, SCOUT_PRIVATE_KEY: key.toPem(), SCOUT_CREDENTIAL_ID: 'cred_1' }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env, cwd: import.meta.dirname })
  assert.equal(stdout.trim(), '200')
})

test('createFetch takes a Request and a URL, and keeps the caller’s headers', async () => {
  const { origin, requests } = await serve(verifying())
  const fetch = createFetch(new Signer('cred_1', key))
  const request = new Request(`${origin}/v2`, { headers: { 'x-one': '1' }, method: 'POST', body: 'hello' })
  assert.equal(await (await fetch(request)).text(), 'hello')
  assert.equal((await fetch(new URL(origin), { headers: [['x-one', '1']] })).status, 200)
  assert.deepEqual(
    requests.map(({ headers }) => headers['x-one']),
    ['1', '1'],
  )
})

test('the undici interceptor keeps headers in each of their forms, and takes the place of an old authorization', async () => {
  const { origin, requests } = await serve(verifying())
  const dispatcher = agent().compose(undiciInterceptor(new Signer('cred_1', key), origin))
  const forms = [
    { 'X-One': '1', Authorization: 'old' },
    ['X-One', '1', 'Authorization', 'old'],
    new Map([
      ['X-One', '1'],
      ['Authorization', 'old'],
    ]),
  ]
  for (const headers of forms) {
    const { statusCode, body } = await undici.request(origin, { dispatcher, headers })
    await body.dump()
    assert.equal(statusCode, 200)
  }
  assert.deepEqual(
    requests.map(({ headers }) => headers['x-one']),
    ['1', '1', '1'],
  )
})

test('axios takes baseURL and sends JSON again as it was', async () => {
  const { origin, requests } = await serve(verifying(3000))
  const api = interceptAxios(axios.create({ baseURL: origin }), new Signer('cred_1', key))
  const { data } = await api.post('/v2', { hello: 'ö' }, { params: { page: 1 } })
  assert.deepEqual(data, { hello: 'ö' })
  assert.deepEqual(
    requests.map(({ url, text, headers }) => [url, text, headers['content-type']]),
    Array(2).fill(['/v2?page=1', '{"hello":"ö"}', 'application/json']),
  )
})

test('the oldest axios leaves the header behind on a redirect to a subdomain, which it would trust', async () => {
  const { origin, requests } = await serve(redirecting(() => `${origin.replace('//', '//other.')}/there`))
  const lookup = (_, options, done) => dns.lookup('localhost', options, done)
  const api = interceptAxios(oldestAxios.create({ lookup, validateStatus: () => true }), new Signer('cred_1', key))
  assert.equal((await api.get(`${origin}/`)).status, 401)
  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization?.slice(0, 6)),
    ['Bearer', undefined],
  )
})
