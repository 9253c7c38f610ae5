// createFetch as people use it: as the global fetch, and with ky, node-fetch and undici.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import test from 'node:test'
import ky from 'ky'
import nodeFetch from 'node-fetch'
import { createFetch, Signer } from 'scout-auth'
import * as undici from 'undici'
import { key, serve } from './helper.mjs'
import { verifying } from './http.mjs'

const signer = () => new Signer('cred_1', key)
const original = globalThis.fetch
test.afterEach(() => {
  globalThis.fetch = original
})

test('it may be the global fetch itself', async () => {
  const { origin, requests } = await serve(verifying(3000))
  globalThis.fetch = createFetch(signer())
  assert.equal((await fetch(`${origin}/v2`)).status, 200)
  assert.equal(requests.length, 2)
})

test('it may be the global fetch and be wrapped by a tool that replaces the global fetch after it', async () => {
  const { origin, requests } = await serve(verifying())
  const ours = createFetch(signer())
  globalThis.fetch = ours
  globalThis.fetch = (input, init) => ours(new Request(input, init))
  assert.equal((await fetch(`${origin}/v2`, { method: 'POST', body: 'hello' })).status, 200)
  assert.equal(requests.length, 1)
})

test('a global fetch that is put in place later is called, as tools that fake the network need it', async () => {
  const ours = createFetch(signer())
  globalThis.fetch = async (_, { headers }) => new Response(headers.get('authorization').slice(0, 6))
  assert.equal(await (await ours('https://scout.invalid')).text(), 'Bearer')
})

test('beside a global fetch of another credential, each has its own', async () => {
  const { origin, requests } = await serve((_, response) => response.end())
  const [one, other] = [signer(), new Signer('cred_2', key)]
  globalThis.fetch = createFetch(one)
  await createFetch(other)(origin)
  await createFetch(other, { fetch: globalThis.fetch })(origin)
  await fetch(origin)
  assert.deepEqual(
    requests.map(({ headers }) => headers.authorization),
    [other.authorization(), other.authorization(), one.authorization()],
  )
})

test('ky, which makes a Request of everything, has its first POST repeated after a 401', async () => {
  const { origin, requests } = await serve(verifying(3000))
  const api = ky.extend({ fetch: createFetch(signer()), retry: 0 })
  assert.deepEqual(await api.post(`${origin}/v2`, { json: { hello: 'ö' } }).json(), { hello: 'ö' })
  assert.deepEqual(
    requests.map(({ text, headers }) => [text, headers['content-type']]),
    Array(2).fill(['{"hello":"ö"}', 'application/json']),
  )
})

for (const [name, Request, fetch] of [
  ['the global fetch', globalThis.Request, undefined],
  ["undici's", undici.Request, undici.fetch],
]) {
  const post = async (body, more) => {
    const { origin, requests } = await serve(verifying(3000))
    const request = new Request(`${origin}/v2`, { method: 'POST', body, ...more })
    const response = await createFetch(signer(), { fetch })(request)
    await response.text()
    return [response.status, requests.map(({ text }) => text.length)]
  }

  test(`${name}: the body of a Request is sent again up to 1 MiB`, async () => {
    const mebibyte = 'x'.repeat(1024 * 1024)
    assert.deepEqual(await post('hello'), [200, [5, 5]])
    assert.deepEqual(await post(mebibyte), [200, [1_048_576, 1_048_576]])
    assert.deepEqual(await post(`${mebibyte}x`), [401, [1_048_577]])
    assert.deepEqual(await post(new Blob(['hello']).stream(), { duplex: 'half' }), [200, [5, 5]])
  })
}

test('a Request whose body has not ended when the 401 comes is not sent again', async () => {
  const server = createServer((_, response) => response.writeHead(401).end('no')).listen(0)
  test.after(() => server.close())
  let end
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('hello'))
      end = () => controller.close()
    },
  })
  const request = new Request(`http://localhost:${server.address().port}`, { method: 'POST', body, duplex: 'half' })
  const response = await createFetch(signer())(request)
  assert.equal(response.status, 401)
  end()
  server.closeAllConnections()
})

test('a URL object that the program changes meanwhile takes the repeated request to no other origin', async () => {
  const other = await serve(verifying(3000))
  const { origin, requests } = await serve(verifying(3000))
  const url = new URL(`${origin}/v2`)
  const sent = createFetch(signer())(url)
  url.port = new URL(other.origin).port
  const response = await sent
  assert.deepEqual([response.status, await response.text()], [200, ''])
  assert.deepEqual([requests.length, other.requests.length], [2, 0])
})

test('node-fetch has a 401 renewed', async () => {
  const { origin, requests } = await serve(verifying(3000))
  const fetch = createFetch(signer(), { fetch: nodeFetch })
  const response = await fetch(`${origin}/v2`, { method: 'POST', body: 'hello' })
  assert.deepEqual([response.status, await response.text(), requests.length], [200, 'hello', 2])
})
