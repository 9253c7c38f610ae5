// The examples of docs/testing.md in the test runners that it names, in the project of a user: the packed
// packages, and tests in files that run in parallel.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
// Without what tells a test that it runs below another one, and what tells vitest not to watch.
const { CI, NODE_TEST_CONTEXT, ...inherited } = process.env
const env = {
  ...inherited,
  PATH: `${at('node_modules/.bin')}${delimiter}${process.env.PATH}`,
  SCOUT_AUTH_TOOLS: process.env.SCOUT_AUTH_TOOLS ?? at('../../target/debug/scout-auth'),
}
const page = readFileSync(at('../../docs/testing.md'), 'utf8')
const [withNode, withVitest, withJest] = Array.from(page.matchAll(/^```js\n(.*?)^```/gms), ([, block]) => block)

const IN_VITEST = `
  import { appendFileSync } from 'node:fs'
  import { startLocalScout } from 'scout-auth/testing'
  import { expect, test, vi as runner } from 'vitest'`
const IN_JEST = `
  const { appendFileSync } = require('node:fs')
  const { startLocalScout } = require('scout-auth/testing')
  const runner = jest`

/** A project of a user, with these test files. */
function project(files) {
  const folder = mkdtempSync(join(tmpdir(), 'scout-auth-runners-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const modules = join(folder, 'node_modules')
  cpSync(at('../../node/test/node_modules'), modules, { recursive: true })
  symlinkSync(at('node_modules/vitest'), join(modules, 'vitest'))
  writeFileSync(join(folder, 'package.json'), '{}')
  writeFileSync(join(folder, 'urls'), '')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function start(folder, [program, ...given], more = {}) {
  // With a standard input that stays open: vitest in watch mode ends with it. With a limit for a runner that hangs.
  const child = spawn(program, given, { cwd: folder, env: { ...env, ...more }, timeout: 120_000 })
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(data))
  return { child, output }
}

/** Runs a command there until it ends, and returns what it said. */
async function run(folder, command, more) {
  const { child, output } = start(folder, command, more)
  const [status] = await once(child, 'close')
  assert.equal(status, 0, output.join(''))
  return output.join('')
}

async function until(condition, what, pause = 50) {
  for (let waited = 0; waited < 60_000; waited += pause) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  assert.fail(what)
}

/** What the tests of a project wrote down. */
const urls = (folder) => readFileSync(join(folder, 'urls'), 'utf8').split('\n').slice(0, -1)

async function areOver(urls) {
  const answers = await Promise.allSettled(urls.map((url) => fetch(url)))
  return answers.every(({ status }) => status === 'rejected')
}

test('the example for node:test passes', async () => {
  const files = { 'a.test.mjs': withNode, 'b.test.mjs': withNode }
  assert.match(await run(project(files), ['node', '--test']), /pass 2\n/)
})

for (const pool of ['forks', 'threads', 'vmThreads']) {
  test(`the example for vitest passes with the pool ${pool}`, async () => {
    const files = { 'a.test.js': withVitest, 'b.test.js': withVitest }
    await run(project(files), ['vitest', 'run', '--pool', pool])
  })
}

test('the example for Jest passes, and it leaves nothing open', async () => {
  const files = { 'a.test.js': withJest, 'b.test.js': withJest }
  assert.doesNotMatch(await run(project(files), ['jest']), /did not exit|force exited/)
  assert.doesNotMatch(await run(project(files), ['jest', '-i', '--detectOpenHandles']), /did not exit|open handle/)
})

test('the example for vitest passes in Jest as an ES module', async () => {
  const module = withVitest.replace(/^import .* from 'vitest'\n/m, '')
  assert.notEqual(module, withVitest)
  const options = { NODE_OPTIONS: '--experimental-vm-modules' }
  await run(project({ 'a.test.mjs': module }), ['jest', '--testMatch', '**/*.test.mjs'], options)
})

for (const [name, head, command, watch] of [
  ['vitest', IN_VITEST, ['vitest', 'run'], ['vitest', 'watch']],
  ['Jest', IN_JEST, ['jest'], ['jest', '--watchAll']],
]) {
  // It does not stop its server.
  const forgets = `${head}
    test('it runs', async () => {
      const { url } = await startLocalScout()
      appendFileSync('urls', url + '\\n')
      expect(url).toMatch('http://127.0.0.1:')
    })`

  test(`a server that no test stops ends with ${name}`, async () => {
    const folder = project({ 'a.test.js': forgets, 'b.test.js': forgets })
    await run(folder, command)
    assert.equal(urls(folder).length, 2)
    await until(() => areOver(urls(folder)), 'a server is left')
  })

  test(`no server is left when ${name} in watch mode is killed`, async () => {
    const folder = project({ 'a.test.js': forgets })
    const { child } = start(folder, watch)
    await until(() => urls(folder).length === 1, 'the first run does not come')
    const changed = () => {
      // Again and again: Jest does not notice a change while it runs.
      appendFileSync(join(folder, 'a.test.js'), '\n')
      return urls(folder).length > 1
    }
    await until(changed, 'the second run does not come', 2000)
    child.kill('SIGKILL')
    await until(() => areOver(urls(folder)), 'a server is left')
  })

  test(`the fake timers of ${name} change neither the signer nor the server`, async () => {
    const text = `${head}
      test('it runs', async () => {
        runner.useFakeTimers({ now: 0 })
        const scout = await startLocalScout()
        const signer = scout.signer()
        const first = signer.bearer()
        runner.advanceTimersByTime(3600_000)
        expect(signer.bearer()).toBe(first)
        await scout.advance(3600)
        expect(signer.bearer()).not.toBe(first)
        await scout.stop()
      })`
    await run(project({ 'a.test.js': text }), command)
  })
}
