// The servers in the README, with the real frameworks.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { PrivateKey, Signer } from 'scout-auth'
import { key, project } from './helper.mjs'

const folder = project('express', 'fastify')
// Express prints each error elsewhere.
process.env.NODE_ENV = 'test'
process.env.SCOUT_PUBLIC_KEYS = key.publicKey.toJwk()
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const recipes = [...readme.matchAll(/```javascript\n(.*?)```/gs)]
  .map(([, code]) => code)
  .filter((code) => code.includes('const app ='))

const listening = {
  express: (app) =>
    new Promise((resolve) => {
      const server = app.listen(0, 'localhost', () => resolve(server))
    }),
  fastify: (app) => app.listen({ port: 0, host: 'localhost' }).then(() => app.server),
}

test('the README has a recipe for each framework', () => {
  assert.deepEqual(
    recipes.map((code) => code.match(/from '(\w+)'/)[1]),
    Object.keys(listening),
  )
})

for (const [index, [framework, listen]] of Object.entries(listening).entries()) {
  test(`${framework}, as in the README, answers to a valid token and refuses every other with 401`, async (t) => {
    const file = join(folder, `${framework}.mjs`)
    writeFileSync(file, `${recipes[index]}\nexport { app }`)
    const { app } = await import(pathToFileURL(file))
    const server = await listen(app)
    t.after(() => server.close())
    const ask = async (authorization) => {
      const { port } = server.address()
      const response = await fetch(`http://localhost:${port}/`, { headers: authorization && { authorization } })
      return [response.status, response.status === 200 ? await response.text() : '']
    }
    assert.deepEqual(await ask(new Signer('cred_1', key).authorization()), [200, 'cred_1'])
    const stranger = new Signer('cred_1', PrivateKey.generate()).authorization()
    for (const wrong of [undefined, 'Bearer a.b.c', 'Basic a', stranger]) assert.deepEqual(await ask(wrong), [401, ''])
  })
}
