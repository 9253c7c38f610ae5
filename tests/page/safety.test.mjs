// What the page must not do: keep a secret, run what is not its own, or obey others.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { CREDENTIALS, open, pages, refused } from './browser.mjs'

const PATH = '/settings/api-keys'

/** All that the tab keeps: the document, the storages, the history. */
const kept = (page) =>
  page.evaluate(async () => {
    const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value)
    const databases = (await indexedDB.databases()).map(({ name }) => name)
    const caches_ = await caches.keys()
    return JSON.stringify([
      document.documentElement.outerHTML,
      fields,
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      databases,
      caches_,
      location.href,
      history.state,
    ])
  })

pages('the safety of the page', {
  async 'the admin token leaves the address and stays in this tab alone'({ page, server, context }) {
    await page.getByRole('heading', { name: 'API Keys' }).waitFor()
    assert.equal(page.url(), server.url + PATH)
    const storage = await page.evaluate(() => [{ ...localStorage }, { ...sessionStorage }, document.cookie])
    assert.deepEqual(storage, [{}, { 'scout-auth admin token': server.admin_token }, ''])
    assert.deepEqual(await context.cookies(), [])
    await page.reload()
    await page.getByRole('button', { name: 'Create New Key' }).waitFor()

    const other = await open(context, server.url + PATH)
    await other.getByRole('heading', { name: 'Sign in' }).waitFor()
    await other.close()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.ok(!(await kept(page)).includes(server.admin_token))
  },

  async 'a wrong token is told and not kept, and the right one may be pasted'({ page, server }) {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Admin token').fill('admin_wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This needs the admin token of this server.').waitFor()
    assert.ok(!(await kept(page)).includes('admin_wrong'))
    await page.getByLabel('Admin token').fill(server.admin_token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Create New Key' }).waitFor()
    refused(page, 401)
  },

  async 'a credential is no admin token, so that no private key comes into the storage'({ page, server }) {
    const { body } = await server.call(CREDENTIALS, 'POST', { name: 'admin', roles: ['admin'] })
    const key = JSON.parse(body).private_key
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Admin token').fill(key)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This needs the admin token of this server.').waitFor()
    assert.ok(!(await kept(page)).includes(key))
    refused(page, 401)
  },

  async 'nothing of a private key is left when the creation screen closes'({ page }) {
    await page.getByRole('button', { name: 'Create New Key' }).click()
    await page.locator('#create-form [name=name]').fill('prod-api')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { name: 'Key created' }).waitFor()
    assert.doesNotMatch(await kept(page), /MIIEv[\w-]{40}/, 'it is not there before it is shown')
    await page.getByRole('button', { name: 'Show the secret' }).click()
    const key = await page.locator('#secret-key').textContent()
    assert.match(key, /^MII[\w-]{1500,}$/)
    await page.getByRole('button', { name: 'Show the secret' }).click()
    assert.ok(!(await kept(page)).includes(key.slice(100, 200)), 'it is not there when it is hidden')
    await page.getByRole('button', { name: 'Show the secret' }).click()
    await page.getByRole('checkbox', { name: 'I have stored it' }).check()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.locator('#created').waitFor({ state: 'hidden' })
    assert.ok(!(await kept(page)).includes(key.slice(100, 200)))
  },

  async 'markup in a name is text, wherever it is shown'({ page, server }) {
    const name = `<img src=x onerror="alert(1)"> '"&lt;{{7*7}}</td><script>alert(2)</script>`
    await server.create(name)
    await page.reload()
    assert.equal(await page.locator('.title').first().textContent(), name)
    await page.getByRole('button', { name: 'Actions for' }).click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    assert.equal(await page.locator('#delete-title').textContent(), `Delete ${name}?`)
    await page.getByRole('button', { name: 'Disable it' }).click()
    const said = page.locator('#delete .toast')
    await said.filter({ hasText: 'is disabled' }).waitFor()
    assert.equal(await said.textContent(), `${name} is disabled: requests with it get 401`)
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Audit trail' }).click()
    await page.locator('#audit').getByText(name).first().waitFor()
    assert.equal(await page.locator('img:not(.brand img), td script, th script').count(), 0)
  },

  async 'the policy stops inline code, styles, other origins and strings as HTML'({ page }) {
    await page.getByRole('button', { name: 'Create New Key' }).waitFor()
    const reports = await page.evaluate(async () => {
      const reported = []
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => reported.push(effectiveDirective))
      const refused = []
      const attempt = (act) => {
        try {
          act()
        } catch (error) {
          refused.push(error.name)
        }
      }
      attempt(() => document.body.insertAdjacentHTML('beforeend', '<b>'))
      attempt(() => new DOMParser().parseFromString('<b>', 'text/html'))
      attempt(() => trustedTypes.createPolicy('another', {}))
      attempt(() => trustedTypes.createPolicy('fragment', {}))
      const image = new Image()
      image.src = 'http://127.0.0.2:1/x.png'
      const style = document.createElement('style')
      style.textContent = 'body { color: red }'
      document.body.append(image, style)
      await fetch('http://127.0.0.2:1/').catch((error) => refused.push(error.name))
      await new Promise((done) => setTimeout(done, 200))
      style.remove()
      image.remove()
      return { refused, reported: [...new Set(reported)].sort() }
    })
    assert.deepEqual(reports.refused, ['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError'])
    const expected = ['connect-src', 'img-src', 'require-trusted-types-for', 'style-src-elem', 'trusted-types']
    assert.deepEqual(reports.reported, expected)
    page.faults.splice(0)
  },

  async 'every answer of the page has its headers, and nothing but the lists needs a token'({ server }) {
    const policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types fragment"
    for (const path of ['', '/page.css', '/page.js', '/icon.svg', '/keys', '/audit']) {
      const isList = ['/keys', '/audit'].includes(path)
      const answer = await fetch(server.url + PATH + path)
      assert.equal(answer.status, isList ? 401 : 200, path)
      const names = ['content-security-policy', 'x-content-type-options', 'referrer-policy', 'cache-control']
      const more = ['cross-origin-opener-policy', 'cross-origin-resource-policy']
      const values = [...names, ...more].map((name) => answer.headers.get(name))
      assert.deepEqual(values, [policy, 'nosniff', 'no-referrer', 'no-store', 'same-origin', 'same-origin'], path)
      assert.ok(!(await answer.text()).includes(server.admin_token))
      const other = await fetch(server.url + PATH + path, { headers: { 'sec-fetch-site': 'cross-site' } })
      assert.equal(other.status, 403, path)
    }
  },

  async 'the module is small, and names no other place'() {
    const asset = (name) => readFile(new URL(`../../local/assets/${name}`, import.meta.url), 'utf8')
    assert.ok(Buffer.byteLength(await asset('page.js')) < 12_000)
    for (const name of ['page.js', 'page.css', 'page.html']) {
      assert.doesNotMatch((await asset(name)).replaceAll('http://www.w3.org/2000/svg', ''), /https?:|\/\/[a-z]+\./)
    }
  },
})
