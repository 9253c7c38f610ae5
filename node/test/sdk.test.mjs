// A client built as Scout's TypeScript SDK is, by each of the ways that the README names.
import assert from 'node:assert/strict'
import test from 'node:test'
import { installFetch, mintToken, Signer } from 'scout-auth'
import { ScoutClient } from './fixtures/scoutos.mjs'
import { key, serve } from './helper.mjs'
import { verifying } from './http.mjs'

const bearerOf = (signer, baseUrl) => new ScoutClient({ apiKey: () => signer.bearer(), baseUrl })
const authorizations = (requests) => requests.map(({ headers }) => headers.authorization)

/** Verifies, and answers as the API does. `status` may answer in its place. */
function scout(secondsAhead = () => 0, status = () => undefined) {
  return (request, response) => {
    const refusal = status()
    if (refusal) return response.writeHead(refusal, { 'retry-after': '1' }).end('{}')
    if (!request.url.endsWith('_interact')) {
      if (request.method === 'GET') request.text = '[]'
      if (request.url === '/drive/upload') request.text = JSON.stringify(request.text.includes('two lines\n\n'))
      return verifying(secondsAhead())(request, response)
    }
    request.text = 'data: {"say":"one"}\n\ndata: {"say":"two"}\n\ndata: [DONE]\n\n'
    verifying(secondsAhead())(request, response)
  }
}

async function useAll(client) {
  const said = []
  for await (const { say } of await client.agents.interact('a', { body: { messages: [] } })) said.push(say)
  const files = [new File(['two lines\n\n'], 'a.txt')]
  return [
    await client.workflows.list(),
    await client.agents.interactSync('a', { body: { messages: ['ö'] } }),
    said,
    await client.drive.upload({ files, metadata: 'm' }),
  ]
}
const everything = [[], { messages: ['ö'] }, ['one', 'two'], true]

test('apiKey: () => signer.bearer() is asked in each call, and calls, events and form data work', async () => {
  const { origin, requests } = await serve(scout())
  assert.deepEqual(await useAll(bearerOf(new Signer('cred_1', key), origin)), everything)
  assert.equal(requests.length, 4)
})

test('apiKey: () => signer.bearer() has no answer to a 401', async () => {
  const { origin, requests } = await serve(scout(() => 3000))
  await assert.rejects(bearerOf(new Signer('cred_1', key), origin).workflows.list(), { statusCode: 401 })
  assert.equal(requests.length, 1)
})

test('with installFetch a 401 is renewed for calls, events and form data, and the key of the SDK is not sent', async () => {
  for (const call of [
    (client) => client.workflows.list(),
    (client) => client.agents.interact('a', { body: {} }),
    (client) => client.drive.upload({ files: [new File(['two lines\n\n'], 'a.txt')] }),
  ]) {
    const { origin, requests } = await serve(scout(() => 3000))
    const uninstall = installFetch(new Signer('cred_1', key), origin)
    try {
      await call(new ScoutClient({ apiKey: 'unused', baseUrl: origin }))
    } finally {
      uninstall()
    }
    assert.equal(requests.length, 2)
    for (const authorization of authorizations(requests)) assert.match(authorization, /^Bearer eyJ/)
  }
})

test('with installFetch everything of the SDK works', async () => {
  const { origin } = await serve(scout())
  const uninstall = installFetch(new Signer('cred_1', key), origin)
  try {
    assert.deepEqual(await useAll(new ScoutClient({ apiKey: 'unused', baseUrl: origin })), everything)
  } finally {
    uninstall()
  }
})

/** Two answers of 503, each a minute's work and the longest pause by the server's clock: 264 seconds in all. */
async function afterRetries(settings) {
  let calls = 0
  const { origin, requests } = await serve(
    scout(
      () => 264,
      () => (++calls < 3 ? 503 : undefined),
    ),
  )
  const call = bearerOf(new Signer('cred_1', key, settings), origin).workflows.list()
  const outcome = await call.catch(({ statusCode }) => statusCode)
  return [outcome, new Set(authorizations(requests)).size, requests.length]
}

test('the retries of the SDK send the first token again, which is refused if it ends meanwhile', async () => {
  // What is left of a token with the default margin may be 30 seconds.
  assert.deepEqual(await afterRetries({ lifetime: 60 }), [401, 1, 3])
})

test('a token that has 270 seconds left when the call begins outlives the retries of the SDK', async () => {
  assert.deepEqual(await afterRetries({ refreshMargin: 270 }), [[], 1, 3])
})

/** A credential with another token for each request. */
function changing() {
  let lifetime = 300
  return {
    authorizationFor: () => mintToken('cred_1', key, { lifetime: lifetime-- }).authorization,
    rejected: () => false,
  }
}

test('with installFetch each retry of the SDK asks for the token again', async () => {
  const { origin, requests } = await serve(
    scout(
      () => 0,
      () => (requests.length < 2 ? 503 : undefined),
    ),
  )
  const uninstall = installFetch(changing(), origin)
  try {
    await new ScoutClient({ apiKey: 'unused', baseUrl: origin }).workflows.list()
  } finally {
    uninstall()
  }
  assert.equal(new Set(authorizations(requests)).size, 2)
})

test('apiKey: () => signer.authorization() is the trap: Bearer stands twice', async () => {
  const { origin, requests } = await serve((_, response) => response.end('[]'))
  const signer = new Signer('cred_1', key)
  await new ScoutClient({ apiKey: () => signer.authorization(), baseUrl: origin }).workflows.list()
  assert.match(authorizations(requests)[0], /^Bearer Bearer eyJ/)
})
