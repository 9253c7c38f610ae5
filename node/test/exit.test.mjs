// Programs that end while other threads are inside the package.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { promisify } from 'node:util'
import { key, load, serve } from './helper.mjs'

const RUNS = 50
const { origin } = await serve((_, response) => response.end('{}'))
const env = { ...process.env, SCOUT_PRIVATE_KEY: key.toBase64url(), SCOUT_CREDENTIAL_ID: 'cred_1', ORIGIN: origin }
const works = {
  mint: 'signer.mint()',
  mintAsync: 'await signer.mintAsync()',
  parse: 'PrivateKey.parse(process.env.SCOUT_PRIVATE_KEY)',
  request: 'await (await fetch(process.env.ORIGIN)).text()',
}

/** A program that ends when its two workers have done the work once. They do it again and again. */
function program(work) {
  const worker = `
    const { createFetch, PrivateKey, Signer } = ${load}
    const signer = Signer.fromEnv()
    const fetch = createFetch(signer)
    async function run() {
      ${work}
      require('node:worker_threads').parentPort.postMessage('begun')
      for (;;) ${work}
    }
    run()`
  return `
    const { Worker } = require('node:worker_threads')
    let begun = 0
    for (let i = 0; i < 2; i++) {
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true })
      worker.on('message', () => { if (++begun === 2) process.exit(7) })
    }`
}

async function ends(script) {
  const ended = { code: 7, signal: null, stderr: '' }
  await assert.rejects(promisify(execFile)(process.execPath, ['-e', script], { cwd: import.meta.dirname, env }), ended)
}

for (const [name, work] of Object.entries(works)) {
  test(`a program ends with its own status while its workers are at work: ${name}`, async () => {
    const script = program(work)
    for (let run = 0; run < RUNS; run += 2) await Promise.all([ends(script), ends(script)])
  })
}
