// installFetch. What it does to the requests of its origin is tested with all clients: see http.mjs.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createFetch, installFetch, mintToken, Signer } from 'scout-auth'
import { fails, key, serve } from './helper.mjs'
import { verifying } from './http.mjs'

const original = globalThis.fetch
test.afterEach(() => {
  assert.equal(globalThis.fetch, original, 'a test left something installed')
})
const signer = () => new Signer('cred_1', key)
const echo = () => serve((request, response) => response.end(request.headers.authorization ?? 'none'))
const said = async (...request) => (await fetch(...request)).text()

test('requests to another origin keep their own header, and get no other', async () => {
  const [home, other] = [await echo(), await echo()]
  const uninstall = installFetch(signer(), home.origin)
  try {
    assert.match(await said(home.origin), /^Bearer eyJ/)
    assert.equal(await said(other.origin), 'none')
    assert.equal(await said(other.origin, { headers: { authorization: 'Basic a' } }), 'Basic a')
    assert.equal(await said(home.origin.replace('localhost', '127.0.0.1')), 'none')
    assert.equal(await said('data:,hello'), 'hello')
  } finally {
    uninstall()
  }
  assert.equal(await said(home.origin), 'none')
})

test('what is passed for another origin, and what comes back, is the very same', async () => {
  const [input, init, answer] = ['https://other.invalid', { method: 'POST', body: 'a' }, new Response()]
  const given = []
  globalThis.fetch = async (...values) => {
    given.push(...values)
    return answer
  }
  const uninstall = installFetch(signer(), 'https://api.scoutos.com')
  try {
    assert.equal(await fetch(input, init), answer)
    assert.ok(given[0] === input && given[1] === init)
  } finally {
    uninstall()
    globalThis.fetch = original
  }
})

test('an origin may be a URL, and each form of a request to it gets the header', async () => {
  const { origin } = await echo()
  const uninstall = installFetch(signer(), new URL(`${origin}/v2?a=b`))
  try {
    for (const input of [`${origin}/a`, new URL(origin), new Request(origin), origin.toUpperCase()])
      assert.match(await said(input), /^Bearer eyJ/)
  } finally {
    uninstall()
  }
})

test('it takes the place of the header that a program sets', async () => {
  const { origin } = await echo()
  const uninstall = installFetch(signer(), origin)
  try {
    assert.match(await said(origin, { headers: { Authorization: 'Bearer unused' } }), /^Bearer eyJ/)
  } finally {
    uninstall()
  }
})

test('installed twice, a request is signed once and a 401 renewed once', async () => {
  const { origin, requests } = await serve((_, response) => {
    response.setHeader('Date', new Date(Date.now() + 60_000 * requests.length).toUTCString())
    response.writeHead(401).end()
  })
  const one = signer()
  const uninstall = [installFetch(one, origin), installFetch(one, origin)]
  try {
    assert.equal((await fetch(origin)).status, 401)
    assert.equal(requests.length, 2)
  } finally {
    for (const take of uninstall.reverse()) take()
  }
})

test('of two credentials for one origin the later one is used, until it is taken back', async () => {
  const { origin } = await echo()
  const named = (name) => ({ authorizationFor: () => `Bearer ${name}`, rejected: () => false })
  const first = installFetch(named('first'), origin)
  const second = installFetch(named('second'), origin)
  assert.equal(await said(origin), 'Bearer second')
  second()
  assert.equal(await said(origin), 'Bearer first')
  first()
})

test('origins do not disturb each other, in whatever order they are taken back', async () => {
  const [one, other] = [await echo(), await echo()]
  const first = installFetch({ authorizationFor: () => 'Bearer first', rejected: () => false }, one.origin)
  const second = installFetch({ authorizationFor: () => 'Bearer second', rejected: () => false }, other.origin)
  assert.deepEqual([await said(one.origin), await said(other.origin)], ['Bearer first', 'Bearer second'])
  first()
  first()
  assert.deepEqual([await said(one.origin), await said(other.origin)], ['none', 'Bearer second'])
  second()
  assert.deepEqual([await said(one.origin), await said(other.origin)], ['none', 'none'])
  globalThis.fetch = original
})

test('createFetch beside it keeps its own credential', async () => {
  const { origin } = await echo()
  const uninstall = installFetch(signer(), origin)
  try {
    const own = createFetch(new Signer('cred_2', key))
    const [, claims] = (await (await own(origin)).text()).split('.')
    assert.equal(JSON.parse(Buffer.from(claims, 'base64url')).sub, 'cred_2')
  } finally {
    uninstall()
  }
})

test('a tool that wraps it afterwards stays, and passes requests on when it is taken back', async () => {
  const { origin } = await echo()
  const uninstall = installFetch(signer(), origin)
  const installed = globalThis.fetch
  const wrapper = (...request) => installed(...request)
  globalThis.fetch = wrapper
  assert.match(await said(origin), /^Bearer eyJ/)
  uninstall()
  assert.equal(globalThis.fetch, wrapper)
  assert.equal(await said(origin), 'none')
  globalThis.fetch = original
})

test('an argument that no fetch takes rejects, as before', async () => {
  const uninstall = installFetch(signer(), 'https://api.scoutos.com')
  try {
    await assert.rejects(fetch('/relative'), TypeError)
    await assert.rejects(fetch(Object.create(null)), TypeError)
  } finally {
    uninstall()
  }
})

test('a wrong origin or credential is refused, and nothing is installed', () => {
  for (const origin of ['', 'api.scoutos.com', 'localhost:3000', 'file:///a', 'mailto:a@b', undefined])
    assert.throws(() => installFetch(signer(), origin), fails('ERR_ARGUMENT'))
  assert.throws(() => installFetch(mintToken('cred_1', key), 'https://api.scoutos.com'), fails('ERR_ARGUMENT'))
})

test('a body that the server accepts only once its clock is known is sent again', async () => {
  const { origin, requests } = await serve(verifying(3000))
  const uninstall = installFetch(signer(), origin)
  try {
    assert.equal(await said(new Request(origin, { method: 'POST', body: 'hello' })), 'hello')
    assert.equal(requests.length, 2)
  } finally {
    uninstall()
  }
})
