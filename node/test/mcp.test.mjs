// MCP: the client of the official SDK with createFetch, against the server of the official SDK, whose check of
// the token is jose.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import * as jose from 'jose'
import { createFetch, installFetch, PrivateKey, Signer } from 'scout-auth'
import { key, project } from './helper.mjs'

const publicKey = await jose.importSPKI(key.publicKey.toPem(), 'RS256')

/** A server with sessions. `secondsAhead` is how far its clock is, and may be changed. */
async function serve(t) {
  const mcp = { secondsAhead: 0, requests: [], transports: new Map() }
  const app = createMcpExpressApp()
  app.use((request, response, next) => {
    mcp.requests.push({ method: request.method, authorization: request.headers.authorization, response })
    response.setHeader('Date', new Date(Date.now() + mcp.secondsAhead * 1000).toUTCString())
    next()
  })
  app.use(requireBearerAuth({ verifier: { verifyAccessToken: (token) => verified(token, mcp.secondsAhead) } }))
  app.all('/mcp', async (request, response) => {
    const transport = mcp.transports.get(request.headers['mcp-session-id']) ?? (await session(mcp))
    await transport.handleRequest(request, response, request.body)
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  mcp.url = new URL(`http://127.0.0.1:${server.address().port}/mcp`)
  return mcp
}

async function verified(token, secondsAhead) {
  const currentDate = new Date(Date.now() + secondsAhead * 1000)
  try {
    const { payload } = await jose.jwtVerify(token, publicKey, { issuer: 'scout', currentDate })
    return { token, clientId: payload.sub, scopes: [], expiresAt: Number.MAX_SAFE_INTEGER }
  } catch (error) {
    throw new InvalidTokenError(error.code)
  }
}

async function session({ transports }) {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => transports.set(id, transport),
  })
  const server = new McpServer({ name: 'test', version: '1' }, { capabilities: { logging: {} } })
  server.registerTool('whoami', {}, async ({ authInfo, sendNotification }) => {
    await sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'on its way' } })
    return { content: [{ type: 'text', text: authInfo.clientId }] }
  })
  transport.mcpServer = server
  await server.connect(transport)
  return transport
}

/** A client; `notifications` are those that came. */
async function connect(t, mcp, fetch) {
  const client = new Client({ name: 'test', version: '1' })
  client.notifications = []
  client.fallbackNotificationHandler = async ({ params }) => client.notifications.push(params.data)
  const transport = new StreamableHTTPClientTransport(mcp.url, {
    fetch,
    reconnectionOptions: { initialReconnectionDelay: 10, maxReconnectionDelay: 10, maxRetries: 9 },
  })
  await client.connect(transport)
  t.after(() => client.close())
  return client
}

const ask = async (client) => (await client.callTool({ name: 'whoami', arguments: {} })).content[0].text
const tokens = ({ requests }) => new Set(requests.map(({ authorization }) => authorization))
const until = async (condition) => {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 3000, `in vain: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
/** The answered requests for the stream on which the server speaks by itself. */
const streams = ({ requests }) => requests.filter(({ method, response }) => method === 'GET' && response.headersSent)
/** Sends a notification on that stream. */
const push = ({ transports }, data) => {
  const [transport] = transports.values()
  return transport.mcpServer.server.sendLoggingMessage({ level: 'info', data })
}

test('calls, their events and the stream of the server work, each request with a token', async (t) => {
  const mcp = await serve(t)
  const client = await connect(t, mcp, createFetch(new Signer('cred_1', key)))
  assert.equal(await ask(client), 'cred_1')
  await until(() => streams(mcp).length === 1)
  await push(mcp, 'by itself')
  await until(() => client.notifications.length === 2)
  assert.deepEqual(client.notifications.sort(), ['by itself', 'on its way'])
  assert.equal(tokens(mcp).size, 1)
})

test('a session outlives its first token: calls and the stream, opened again, have a new one', async (t) => {
  const mcp = await serve(t)
  const signer = new Signer('cred_1', key, { lifetime: 2, refreshMargin: 1 })
  const client = await connect(t, mcp, createFetch(signer))
  await until(() => streams(mcp).length === 1)
  const [first] = tokens(mcp)
  await until(() => signer.authorization() !== first)
  assert.equal(await ask(client), 'cred_1')
  // The stream that the first token opened is still open.
  await push(mcp, 'by the old stream')
  await until(() => client.notifications.includes('by the old stream'))
  const [transport] = mcp.transports.values()
  transport.closeStandaloneSSEStream()
  await until(() => streams(mcp).length === 2)
  assert.notEqual(streams(mcp)[1].authorization, first)
  assert.equal(mcp.transports.size, 1)
})

test('a 401 in the middle of a session is renewed for a call', async (t) => {
  const mcp = await serve(t)
  const client = await connect(t, mcp, createFetch(new Signer('cred_1', key)))
  await until(() => streams(mcp).length === 1)
  const before = mcp.requests.length
  mcp.secondsAhead = 3000
  assert.equal(await ask(client), 'cred_1')
  assert.equal(mcp.requests.length - before, 2)
})

test('a 401 is renewed when the stream of the server is opened again', async (t) => {
  const mcp = await serve(t)
  const client = await connect(t, mcp, createFetch(new Signer('cred_1', key)))
  await until(() => streams(mcp).length === 1)
  mcp.secondsAhead = 3000
  const [transport] = mcp.transports.values()
  transport.closeStandaloneSSEStream()
  await until(() => streams(mcp).length === 3)
  await push(mcp, 'by the new stream')
  await until(() => client.notifications.includes('by the new stream'))
})

test('without a fetch of ours, installFetch does the same', async (t) => {
  const mcp = await serve(t)
  mcp.secondsAhead = 3000
  const uninstall = installFetch(new Signer('cred_1', key), mcp.url)
  t.after(uninstall)
  assert.equal(await ask(await connect(t, mcp)), 'cred_1')
})

test('a credential that the server refuses is the error of the SDK, without a loop', async (t) => {
  const mcp = await serve(t)
  const stranger = new Signer('cred_1', PrivateKey.generate())
  await assert.rejects(connect(t, mcp, createFetch(stranger)), { code: 401 })
  // A second one only if a new second began, because its token is then another one.
  assert.ok(mcp.requests.length <= 2)
})

test('the example of the README runs', async (t) => {
  const mcp = await serve(t)
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [code] = readme.match(/(?<=```javascript\n)import { Client }[^`]*/)
  const folder = project('@modelcontextprotocol')
  writeFileSync(join(folder, 'mcp.mjs'), code.replace('https://mcp.scoutos.com/mcp', mcp.url.href))
  const env = { SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }
  const { stdout } = await promisify(execFile)(process.execPath, ['mcp.mjs'], { cwd: folder, env })
  assert.equal(stdout, 'whoami\n')
})
