import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Signer, Verifier } from 'scout-auth'
import { key, load } from './helper.mjs'

const run = promisify(execFile)
const cwd = import.meta.dirname
const env = { ...process.env, SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1' }
const verifier = new Verifier(key.publicKey)

test('a thousand tokens are minted at once while the event loop goes on', async () => {
  const signer = new Signer('cred_1', key)
  let turns = 0
  let isDone = false
  const turn = () => {
    turns += 1
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  const tokens = await Promise.all(Array.from({ length: 1000 }, () => signer.mintAsync()))
  isDone = true
  assert.equal(tokens.length, 1000)
  assert.ok(turns > 100, `${turns} turns of the event loop`)
  verifier.verify(tokens[999])
})

if (process.platform === 'linux') {
  test('mintAsync signs on several threads, and not on the one of JavaScript', async () => {
    const script = `
      const { readdirSync, readFileSync } = require('node:fs')
      const signer = ${load}.Signer.fromEnv()
      const ticks = (id) => Number(readFileSync('/proc/self/task/' + id + '/stat', 'utf8').split(') ')[1].split(' ')[11])
      Promise.all(Array.from({ length: 1000 }, () => signer.mintAsync())).then(() => {
        const others = readdirSync('/proc/self/task').filter((id) => Number(id) !== process.pid)
        console.log(others.filter((id) => ticks(id) > 2).length)
      })`
    const { stdout } = await run(process.execPath, ['-e', script], { cwd, env })
    assert.ok(Number(stdout) >= 2, stdout)
  })
}

test('many workers have a signer each', async () => {
  const code = `
    const { parentPort } = require('node:worker_threads')
    const signer = ${load}.Signer.fromEnv()
    Promise.all([signer.mintAsync(), signer.token()]).then((tokens) => parentPort.postMessage(tokens.map(String)))`
  const workers = Array.from({ length: 8 }, () => new Worker(code, { eval: true, env }))
  for (const [tokens] of await Promise.all(workers.map((worker) => once(worker, 'message')))) {
    for (const token of tokens) assert.equal(verifier.verify(token).credentialId, 'cred_1')
  }
})

test('an error in a worker is a ScoutAuthError of its own', async () => {
  const code = `
    const { Signer, ScoutAuthError } = ${load}
    try { new Signer('cred_1', 'garbage') } catch (error) {
      require('node:worker_threads').parentPort.postMessage([error instanceof ScoutAuthError, error.code])
    }`
  const [message] = await once(new Worker(code, { eval: true }), 'message')
  assert.deepEqual(message, [true, 'ERR_KEY_ENCODING'])
})

test('a worker that ends while it signs takes nothing with it', async () => {
  const code = `
    const signer = ${load}.Signer.fromEnv()
    signer.authorization()
    for (let i = 0; i < 200; i++) signer.mintAsync()
    require('node:worker_threads').parentPort.postMessage('signing')`
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(code, { eval: true, env })
    await once(worker, 'message')
    assert.equal(await worker.terminate(), 1)
  }
  verifier.verify(await new Signer('cred_1', key).mintAsync())
})

test('a process that exits while it signs exits with its own status', async () => {
  const script = `
    const signer = ${load}.Signer.fromEnv()
    for (let i = 0; i < 200; i++) signer.mintAsync()
    setImmediate(() => process.exit(7))`
  await assert.rejects(run(process.execPath, ['-e', script], { cwd, env }), { code: 7, signal: null })
})

test('a cluster has valid tokens in each of its processes', async () => {
  const { stdout } = await run(process.execPath, ['fixtures/cluster.cjs'], { cwd, env })
  const tokens = stdout.trim().split('\n')
  assert.equal(tokens.length, 3)
  for (const token of tokens) verifier.verify(token)
})

test('loaded again by a test runner, it is whole again', () => {
  // As Jest does: each test file gets its own copy of the JavaScript, and the library is one.
  const script = `
    const first = ${load}
    for (const name of Object.keys(require.cache)) delete require.cache[name]
    const second = ${load}
    const signer = new second.Signer('cred_1', first.PrivateKey.generate().toPem())
    let error
    try { new second.Signer('', signer.publicKey) } catch (caught) { error = caught }
    console.log(first.Signer !== second.Signer, error instanceof second.ScoutAuthError, error.code)`
  return run(process.execPath, ['-e', script], { cwd }).then(({ stdout }) =>
    assert.equal(stdout.trim(), 'true true ERR_ARGUMENT'),
  )
})

test('it works in a context of node:vm, with --experimental-vm-modules', async () => {
  const script = `
    const vm = require('node:vm')
    const context = vm.createContext({ process, URL })
    const load = new vm.SourceTextModule(\`
      import { Signer, ScoutAuthError } from 'scout-auth'
      globalThis.kid = Signer.fromEnv(process.env).kid
      try { new Signer(1, 2) } catch (error) { globalThis.code = error instanceof ScoutAuthError && error.code }
    \`, { context })
    load.link(() => {
      const values = ${load}
      const set = function () { for (const name in values) this.setExport(name, values[name]) }
      return new vm.SyntheticModule(Object.keys(values), set, { context })
    }).then(() => load.evaluate()).then(() => console.log(context.kid, context.code))`
  const { stdout } = await run(process.execPath, ['--experimental-vm-modules', '-e', script], { cwd, env })
  assert.equal(stdout.trim(), `${key.kid} ERR_ARGUMENT`)
})
