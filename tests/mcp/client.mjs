// The official TypeScript SDK's client, which starts the command that its arguments name, and uses all
// that a server can do. It prints what it saw, as JSON.
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'

const [command, ...args] = process.argv.slice(2)
const { SCOUT_PRIVATE_KEY, SCOUT_CREDENTIAL_ID } = process.env
const transport = new StdioClientTransport({ command, args, env: { SCOUT_PRIVATE_KEY, SCOUT_CREDENTIAL_ID } })
const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } })
const failures = []
client.onerror = (error) => failures.push(error.message)

let announced
const announcement = new Promise((resolve) => {
  announced = resolve
})
client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada' } }))
client.setNotificationHandler(ToolListChangedNotificationSchema, announced)

async function call(name, values, options) {
  const answer = await client.callTool({ name, arguments: values }, undefined, options)
  return answer.content[0].text
}

await client.connect(transport)
const seen = { tools: (await client.listTools()).tools.length, progress: [] }
seen.who = await call('who')
seen.add = await call('add', { a: 1, b: 2 })
seen.steps = await call('steps', { count: 3 }, { onprogress: ({ progress }) => seen.progress.push(progress) })
seen.ask = await call('ask')
seen.drop = await call('drop')
// The stream of what is sent unasked opens beside the first calls. Announced before, it would be lost.
const announcing = setInterval(() => call('announce'), 200)
await announcement
clearInterval(announcing)
const abort = new AbortController()
const waiting = call('wait', {}, { signal: abort.signal })
setTimeout(() => abort.abort('no more'), 300)
seen.wait = await waiting.catch((error) => error.message)
while (process.env.ONCE === undefined && JSON.parse(await call('counts')).cancelled === 0) await sleep(50)
seen.failures = failures
await client.close()
console.log(JSON.stringify(seen))
