// scout-auth/register, as it is preloaded into programs that know nothing of scout-auth.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { key, project, serve } from './helper.mjs'
import { verifying } from './http.mjs'

const folder = project()
const ask = `fetch(process.env.HOME_URL).then(({ status }) => console.log(status))`
const files = {
  'ask.mjs': `await ${ask}`,
  'ask.cjs': ask,
  // Loaded by the program itself.
  'import.mjs': `import 'scout-auth/register'; await ${ask}`,
  'require.cjs': `require('scout-auth/register'); ${ask}`,
  'child.cjs': `require('node:child_process').fork('./ask.mjs')`,
  'worker.mjs': `import { Worker } from 'node:worker_threads'; new Worker('./ask.cjs'); new Worker('./ask.mjs')`,
  'worker.without.mjs': `
    import { Worker } from 'node:worker_threads'
    new Worker('./ask.mjs', { env: { ...process.env, SCOUT_PRIVATE_KEY: '' } }).on('exit', console.log)`,
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)

const server = await serve(verifying(3000))
const environment = {
  PATH: dirname(process.execPath),
  SCOUT_PRIVATE_KEY: key.toBase64url(),
  SCOUT_CREDENTIAL_ID: 'cred_1',
  SCOUT_BASE_URL: `${server.origin}/v2`,
  HOME_URL: `${server.origin}/v2/workflows`,
}

async function run(words, env) {
  const options = { cwd: folder, env: { ...environment, ...env } }
  const ended = await promisify(execFile)(process.execPath, words.split(' '), options).catch((error) => error)
  return [ended.code ?? 0, ended.stdout, ended.stderr]
}

const option = { NODE_OPTIONS: '--import scout-auth/register' }
for (const [words, env, answers] of [
  ['--import scout-auth/register ask.mjs', {}, 1],
  ['--import scout-auth/register ask.cjs', {}, 1],
  ['--require scout-auth/register ask.mjs', {}, 1],
  ['--require scout-auth/register --import scout-auth/register ask.cjs', {}, 1],
  ['import.mjs', {}, 1],
  ['require.cjs', {}, 1],
  ['--import scout-auth/register child.cjs', {}, 1],
  ['--import scout-auth/register worker.mjs', {}, 2],
  ['ask.mjs', option, 1],
  ['child.cjs', option, 1],
  ['worker.mjs', option, 2],
]) {
  test(`node ${words}${env === option ? ', by NODE_OPTIONS,' : ''} authenticates and renews a 401`, async () => {
    const before = server.requests.length
    assert.deepEqual(await run(words, env), [0, '200\n'.repeat(answers), ''])
    assert.equal(server.requests.length - before, 2 * answers)
  })
}

test('the lines of the README start a program', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, lines] = readme.match(/```sh\n(node --import .*?)```/s)
  writeFileSync(join(folder, 'app.js'), ask)
  writeFileSync(join(folder, 'package.json'), '{ "scripts": { "start": "node app.js" } }')
  const env = { ...environment, PATH: process.env.PATH }
  const { stdout, stderr } = await promisify(execFile)('sh', ['-ec', lines], { cwd: folder, env })
  assert.deepEqual([stdout.match(/^\d+$/gm), stderr], [['200', '200'], ''])
})

test('without it the same program is refused', async () => {
  assert.deepEqual(await run('ask.mjs'), [0, '401\n', ''])
})

test('requests to another origin have no token', async () => {
  const other = await serve((request, response) => response.writeHead(request.headers.authorization ? 500 : 200).end())
  assert.deepEqual(await run('--import scout-auth/register ask.mjs', { HOME_URL: other.origin }), [0, '200\n', ''])
})

test('without SCOUT_BASE_URL the origin is that of Scout’s API', async () => {
  const script = `
    globalThis.fetch = async (url, { headers }) => {
      console.log(url, headers.get('authorization').slice(0, 9))
      return new Response()
    }
    require('scout-auth/register')
    fetch('https://api.scoutos.com/v2')`
  writeFileSync(join(folder, 'default.cjs'), script)
  const asked = [0, 'https://api.scoutos.com/v2 Bearer ey\n', '']
  assert.deepEqual(await run('default.cjs', { SCOUT_BASE_URL: '' }), asked)
})

test('an environment without a credential ends the program before it runs, and says why', async () => {
  const [status, stdout, stderr] = await run('--import scout-auth/register ask.mjs', { SCOUT_PRIVATE_KEY: '' })
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /^scout-auth\/register: .*: SCOUT_PRIVATE_KEY; set .* \(ERR_VARIABLE_MISSING\)\n$/)
})

test('a wrong SCOUT_BASE_URL is named', async () => {
  const [status, , stderr] = await run('--import scout-auth/register ask.mjs', { SCOUT_BASE_URL: 'api.scoutos.com' })
  assert.equal(status, 1)
  assert.match(stderr, /^scout-auth\/register: SCOUT_BASE_URL: .*an absolute URL.* \(ERR_ARGUMENT\)\n$/)
})

test('a worker whose environment has no credential ends, and its parent does not', async () => {
  const [status, stdout, stderr] = await run('--import scout-auth/register worker.without.mjs')
  assert.deepEqual([status, stdout], [0, '1\n'])
  assert.match(stderr, /^scout-auth\/register: .*SCOUT_PRIVATE_KEY/)
})
