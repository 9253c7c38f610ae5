// The official TypeScript SDK's server over streamable HTTP, which verifies our tokens with jose. Its
// arguments are the credential's id and a file with its public key as a JWK. It prints its URL.

import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js'
import { importJWK, jwtVerify } from 'jose'
import { z } from 'zod'

const [id, keyFile] = process.argv.slice(2)
const jwk = JSON.parse(readFileSync(keyFile, 'utf8'))
const key = await importJWK(jwk, 'RS256')
const sessions = new Map()
const tokens = new Set()
let cancelled = 0
let initialized = 0

async function verifyAccessToken(token) {
  try {
    const options = { issuer: 'scout', subject: id, algorithms: ['RS256'], requiredClaims: ['iat', 'exp'] }
    const { payload, protectedHeader } = await jwtVerify(token, key, options)
    if (protectedHeader.kid !== jwk.kid) throw new Error('another kid')
    tokens.add(token)
    return { token, clientId: payload.sub, scopes: [], expiresAt: payload.exp }
  } catch (error) {
    throw new InvalidTokenError(error.message)
  }
}

const text = (value) => ({ content: [{ type: 'text', text: String(value) }] })

function newServer() {
  const mcp = new McpServer({ name: 'scout', version: '1' })
  mcp.registerTool('add', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => text(a + b))
  mcp.registerTool('who', {}, (extra) => text(extra.authInfo.clientId))
  mcp.registerTool('counts', {}, () => text(JSON.stringify({ tokens: tokens.size, cancelled, initialized })))
  mcp.registerTool('steps', { inputSchema: { count: z.number() } }, async ({ count }, extra) => {
    for (let progress = 1; progress <= count; progress += 1) {
      const params = { progressToken: extra._meta.progressToken, progress, total: count }
      await extra.sendNotification({ method: 'notifications/progress', params })
      // The SDK's client drops progress that arrives in one piece with the answer.
      await sleep(100)
    }
    return text('done')
  })
  mcp.registerTool('ask', {}, async () => {
    const requestedSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
    const answer = await mcp.server.elicitInput({ message: 'Your name?', requestedSchema })
    return text(answer.content.name)
  })
  mcp.registerTool('announce', {}, () => {
    mcp.sendToolListChanged()
    return text('announced')
  })
  mcp.registerTool('wait', {}, async (extra) => {
    await sleep(60_000, undefined, { signal: extra.signal }).catch(() => {
      cancelled += 1
    })
    return text('waited')
  })
  mcp.registerTool('drop', {}, async (extra) => {
    extra.closeSSEStream()
    await sleep(100)
    return text('dropped and found again')
  })
  mcp.registerTool('forget', {}, () => {
    sessions.clear()
    return text('forgotten')
  })
  return mcp
}

const app = createMcpExpressApp()
app.use(requireBearerAuth({ verifier: { verifyAccessToken } }))
app.all('/mcp', async (request, response) => {
  const session = request.headers['mcp-session-id']
  let transport = sessions.get(session)
  const messages = [request.body].flat()
  if (transport === undefined && session === undefined && messages.some(isInitializeRequest)) {
    initialized += 1
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new InMemoryEventStore(),
      retryInterval: 100,
      onsessioninitialized: (opened) => sessions.set(opened, transport),
      onsessionclosed: (closed) => sessions.delete(closed),
    })
    await newServer().connect(transport)
  }
  if (transport === undefined) {
    // As the SDK's examples did for years. Now they answer 404.
    const error = { code: -32000, message: 'Bad Request: No valid session ID provided' }
    return response.status(400).json({ jsonrpc: '2.0', error, id: null })
  }
  return transport.handleRequest(request, response, request.body)
})

const listening = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${listening.address().port}/mcp`))
process.stdin.on('end', () => process.exit()).resume()
