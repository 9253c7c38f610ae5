// What an administrator does on the page, in a real Chromium, with what the server then answers to programs.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { CREDENTIALS, PROGRAM, pages, publicKey, refused } from './browser.mjs'

const status = async (server, bearer) => (await server.call('/v2/workflows', 'GET', undefined, bearer)).status

/** Opens the menu of a key, and an entry of it. */
async function menu(page, name, entry) {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await page.getByRole('button', { name: entry, exact: true }).click()
}

/** Creates a key on the page. Returns its private key, and leaves the creation screen open. */
async function create(page, name, role = 'Member') {
  await page.getByRole('button', { name: 'Create New Key' }).click()
  await page.locator('#create-form [name=name]').fill(name)
  await page.getByRole('radio', { name: role }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: 'Show the secret' }).click()
  return page.locator('#secret-key').textContent()
}

async function stored(page) {
  await page.getByRole('checkbox', { name: 'I have stored it' }).check()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.locator('#created').waitFor({ state: 'hidden' })
}

const rows = (page) => page.locator('#keys-list table').first().locator('tbody .title').allTextContents()

const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText())

/** The bytes of a download that a button starts. */
async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
  return { name: file.suggestedFilename(), path: await file.path() }
}

pages('the flows of the page', {
  async 'a new key works at once, and its texts are what programs read'({ page, server }) {
    const key = await create(page, 'prod-api-server', 'Admin')
    assert.equal(await status(server, key), 200)

    await page.getByRole('button', { name: 'Copy the secret' }).click()
    assert.equal(await clipboard(page), key)
    await page.getByRole('button', { name: 'Copy the .env lines' }).click()
    const lines = await clipboard(page)
    assert.match(lines, new RegExp(`^SCOUT_PRIVATE_KEY=${key}\nSCOUT_CREDENTIAL_ID=cred_\\w+\nSCOUT_KID=[\\w-]{43}\n$`))
    const env = await download(page, 'Download .env')
    assert.equal(await readFile(env.path, 'utf8'), lines)
    await page.getByRole('button', { name: 'Copy the credential file' }).click()
    const file = await download(page, 'Download credential.json')
    assert.equal(file.name, 'credential.json')
    assert.equal(await readFile(file.path, 'utf8'), await clipboard(page))

    for (const SCOUT_CREDENTIAL_FILE of [file.path, env.path]) {
      const options = { env: { PATH: process.env.PATH, SCOUT_CREDENTIAL_FILE } }
      const { stdout } = await promisify(execFile)(PROGRAM, ['token'], options)
      const answer = await server.call('/v2/workflows', 'GET', undefined, stdout.trim())
      assert.deepEqual([answer.status, JSON.parse(answer.body).name], [200, 'prod-api-server'])
    }
    await stored(page)
    assert.deepEqual(await rows(page), ['prod-api-server'])
    assert.equal(await page.locator('.role').textContent(), 'Admin')
  },

  async 'the creation screen closes only when the key is stored'({ page }) {
    await create(page, 'prod-api-server')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.mouse.click(5, 5)
    await page.getByRole('button', { name: 'Done' }).click()
    assert.ok(await page.locator('#created').isVisible())
    await stored(page)
  },

  async 'an own public key needs no private key here'({ page, server }) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await page.getByRole('button', { name: 'Create New Key' }).click()
    await page.locator('#create-form [name=name]').fill('own')
    await page.getByText('Use your own public key').click()
    const field = page.getByRole('textbox', { name: 'Public key' })

    await field.fill(privateKey.export({ format: 'pem', type: 'pkcs8' }))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('#create .problem', { hasText: 'it is a private key' }).waitFor()
    refused(page, 422)

    await field.fill(publicKey.export({ format: 'pem', type: 'spki' }))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Key created' }).waitFor()
    assert.ok(!(await page.getByText('I have stored it').isVisible()))
    await page.getByRole('button', { name: 'Done' }).click()
    const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url')
    assert.equal(await status(server, secret), 200)
  },

  async 'the switch suspends a key and brings it back'({ page, server }) {
    const key = await create(page, 'prod-api-server')
    await stored(page)
    const toggle = page.getByRole('switch', { name: 'prod-api-server is enabled' })
    await toggle.click()
    await page.getByText('is disabled: requests with it get 401').waitFor()
    assert.equal(await status(server, key), 401)
    assert.equal(await toggle.getAttribute('aria-checked'), 'false')
    await toggle.click()
    await page.getByText('prod-api-server is enabled', { exact: true }).waitFor()
    assert.equal(await status(server, key), 200)
  },

  async 'the list tells when a key was last used'({ page, server }) {
    const key = await create(page, 'prod-api-server')
    await stored(page)
    const cell = page.locator('[data-label="Last used"]')
    assert.equal(await cell.textContent(), 'never')
    await status(server, key)
    await page.evaluate(() => dispatchEvent(new Event('focus')))
    await cell.getByText('just now').waitFor()
  },

  async 'the public key and the ids can be seen and copied'({ page, server }) {
    const { id, kid, public_key } = await server.create('prod-api-server')
    await page.reload()
    const shown = page.locator(`#key-${id}`)
    assert.ok(await page.getByRole('button', { name: 'Show the public key' }).isVisible())
    assert.ok(!(await shown.isVisible()))
    await page.getByRole('button', { name: 'Show the public key' }).click()
    assert.equal(await shown.textContent(), public_key)
    assert.ok(await shown.isVisible())
    for (const [what, text] of [
      ['public key', public_key],
      ['credential ID', id],
      ['kid', kid],
    ]) {
      await page.getByRole('button', { name: `Copy the ${what} of prod-api-server` }).click()
      await page.getByText('copied').waitFor()
      assert.equal(await clipboard(page), text)
    }
    await page.getByRole('button', { name: 'Why the private key' }).click()
    await page.locator('#why-locked', { hasText: 'The server does not keep it.' }).waitFor()
  },

  async 'a key is renamed'({ page, server }) {
    await server.create('old-name')
    await page.reload()
    await menu(page, 'old-name', 'Rename')
    const field = page.getByRole('textbox', { name: 'Name' })
    assert.equal(await field.inputValue(), 'old-name')
    await field.fill('new-name')
    await page.getByRole('button', { name: 'Rename', exact: true }).last().click()
    await page.getByText('old-name is now new-name').waitFor()
    assert.deepEqual(await rows(page), ['new-name'])
  },

  async 'a rotation makes a successor, and the old key works until it is disabled'({ page, server }) {
    const old = await create(page, 'prod-api')
    await stored(page)
    await menu(page, 'prod-api', 'Rotate')
    await page.getByRole('button', { name: 'Rotate', exact: true }).last().click()
    await page.getByRole('button', { name: 'Show the secret' }).click()
    const key = await page.locator('#secret-key').textContent()
    await stored(page)
    assert.deepEqual(await rows(page), ['prod-api-v2', 'prod-api'])
    assert.deepEqual([await status(server, old), await status(server, key)], [200, 200])
    await page.getByRole('switch', { name: 'prod-api is enabled' }).click()
    await page.getByText('is disabled').waitFor()
    assert.deepEqual([await status(server, old), await status(server, key)], [401, 200])
  },

  async 'a rotation can end the old key after some hours'({ page, server }) {
    const old = await create(page, 'prod-api')
    await stored(page)
    await menu(page, 'prod-api', 'Rotate')
    await page.getByRole('radio', { name: 'hours more' }).check()
    await page.getByRole('spinbutton', { name: 'Hours' }).fill('2')
    await page.getByRole('button', { name: 'Rotate', exact: true }).last().click()
    await page.getByRole('heading', { name: 'Key created' }).waitFor()
    await stored(page)
    await page.getByText('Replaced by prod-api-v2, works until').waitFor()
    await server.call('/_local/clock', 'POST', { advance: 7300 })
    assert.equal(await status(server, old), 401)
    await page.evaluate(() => dispatchEvent(new Event('focus')))
    await page.getByText('Replaced by prod-api-v2, ended').waitFor()
  },

  async 'a key is disabled, its name typed, and then deleted'({ page, server }) {
    const key = await create(page, 'prod-api')
    await stored(page)
    await menu(page, 'prod-api', 'Delete')
    assert.ok(!(await page.getByRole('button', { name: 'Delete', exact: true }).isVisible()))
    await page.getByRole('button', { name: 'Disable it' }).click()
    const field = page.getByRole('textbox', { name: 'Type prod-api to confirm' })
    await field.fill('prod')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('Type prod-api to confirm.', { exact: true }).waitFor()
    assert.equal((await server.call(CREDENTIALS)).body.includes('prod-api'), true)
    await field.fill('prod-api')
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('prod-api is deleted').waitFor()
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor()
    assert.equal(await status(server, key), 401)
  },

  async 'a legacy key lives beside org credentials'({ page, server }) {
    await page.getByRole('button', { name: 'Create legacy key' }).click()
    await page.getByRole('button', { name: 'Show the secret' }).click()
    const old = await page.locator('#secret-key').textContent()
    assert.equal(await page.locator('#secret-env').textContent(), `SCOUT_API_KEY=${old}\n`)
    assert.ok(!(await page.getByText('Credential file', { exact: true }).isVisible()))
    await stored(page)
    assert.equal(await status(server, old), 200)
    const prefix = old.slice(0, 10)

    await page.getByRole('switch', { name: `${prefix} is enabled` }).click()
    await page.getByText('is disabled').waitFor()
    assert.equal(await status(server, old), 401)
    await page.getByRole('switch', { name: `${prefix} is enabled` }).click()
    await page.getByText(`${prefix} is enabled`, { exact: true }).waitFor()

    await menu(page, prefix, 'Rotate')
    await page.getByRole('radio', { name: 'hours more' }).check()
    await page.getByRole('button', { name: 'Rotate', exact: true }).last().click()
    await page.getByRole('button', { name: 'Show the secret' }).click()
    const key = await page.locator('#secret-key').textContent()
    await stored(page)
    assert.deepEqual([await status(server, old), await status(server, key)], [200, 200])

    await menu(page, prefix, 'Delete')
    await page.getByRole('textbox', { name: `Type ${prefix} to confirm` }).fill(prefix)
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(`${prefix} is deleted`).waitFor()
    assert.deepEqual([await status(server, old), await status(server, key)], [401, 200])
  },

  async 'filters find keys by name, status and role, and long lists come in parts'({ page, server }) {
    const names = Array.from({ length: 102 }, (_, at) => `key-${at}`)
    for (const name of names) await server.create(name, [name === 'key-7' ? 'admin' : 'member'])
    const { id } = await server.create('other')
    await server.call(`${CREDENTIALS}/${id}`, 'PATCH', { enabled: false })
    await page.reload()
    await page.getByText('103 keys').waitFor()
    assert.equal((await rows(page)).length, 100)
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' })
    assert.equal((await rows(page)).length, 103)

    const search = page.getByRole('search', { name: 'Keys' })
    await search.getByLabel('Status').selectOption('disabled')
    await page.getByText('1 of 103 keys').waitFor()
    assert.deepEqual(await rows(page), ['other'])
    await search.getByLabel('Status').selectOption('')
    await search.getByLabel('Role').selectOption('admin')
    await page.getByText('1 of 103 keys').waitFor()
    assert.deepEqual(await rows(page), ['key-7'])
    await search.getByLabel('Role').selectOption('')
    await search.getByLabel('Search').fill('KEY-10')
    await page.getByText('3 of 103 keys').waitFor()
    await search.getByLabel('Search').fill(id)
    await page.getByText('1 of 103 keys').waitFor()
    assert.deepEqual(await rows(page), ['other'])
    await search.getByLabel('Search').fill('nothing')
    await page.getByText('No key has what you search for.').waitFor()
  },

  async 'the audit trail tells who did what, the newest first'({ page, server }) {
    const key = await create(page, 'prod-api')
    await stored(page)
    await page.getByRole('switch').click()
    await page.getByText('is disabled').waitFor()
    await status(server, key)
    await status(server, `eyJ.${'x'.repeat(40)}.y`)
    await page.getByRole('link', { name: 'Audit trail' }).click()
    await page.getByText('ERR_LOCAL_DISABLED').waitFor()
    const events = () => page.locator('#audit-list .title').allTextContents()
    assert.deepEqual((await events()).slice(-4), ['Request refused', 'Disabled', 'Created', 'Organization created'])
    const by = await page.locator('#audit-list [data-label=By]').allTextContents()
    assert.deepEqual(by, ['unknown', 'prod-api', 'admin token', 'admin token', 'admin token'])

    const search = page.getByRole('search', { name: 'Audit trail' })
    await search.getByLabel('Show').selectOption('changes')
    await page.getByText('ERR_LOCAL_DISABLED').waitFor({ state: 'detached' })
    assert.deepEqual(await events(), ['Disabled', 'Created', 'Organization created'])
    await search.getByLabel('Search').fill('prod-api')
    await page.getByText('Organization created').waitFor({ state: 'detached' })
    assert.deepEqual(await events(), ['Disabled', 'Created'])
  },

  async 'two organizations are apart'({ page, server }) {
    const { body } = await server.call('/_local/organizations', 'POST', { name: 'second' })
    assert.match(body, /second/)
    await server.create('of-the-first')
    await page.reload()
    await page.getByText('of-the-first').first().waitFor()
    await page.locator('#organization').selectOption({ label: 'second' })
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor()
    await create(page, 'of-the-second')
    await stored(page)
    assert.deepEqual(await rows(page), ['of-the-second'])
    await page.locator('#organization').selectOption({ label: 'default' })
    await page.getByText('of-the-first').first().waitFor()
    assert.deepEqual(await rows(page), ['of-the-first'])
  },

  async 'a refusal is told where it happened'({ page, server }) {
    const own = publicKey()
    await server.call(CREDENTIALS, 'POST', { name: 'first', roles: ['member'], public_key: own })
    await page.getByRole('button', { name: 'Create New Key' }).click()
    await page.locator('#create-form [name=name]').fill('again')
    await page.getByText('Use your own public key').click()
    await page.getByRole('textbox', { name: 'Public key' }).fill(own)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('#create .problem', { hasText: 'has or had this public key' }).waitFor()
    refused(page, 409)
  },

  async 'a server that has ended is reported'({ page, server }) {
    await server.create('prod-api')
    await page.reload()
    await page.getByText('prod-api').first().waitFor()
    await server.stop()
    await page.getByRole('switch').click()
    await page.getByText('The server cannot be reached.').waitFor()
    assert.match(page.faults.splice(0).join(), /^[^,]*ERR_CONNECTION_REFUSED[^,]*$/)
  },
})
