// Whoever uses the page: with a keyboard alone, with a screen reader, on a phone, in the dark.

import assert from 'node:assert/strict'
import { accessible, pages } from './browser.mjs'

/** Presses Tab until this has the focus. */
async function tabTo(page, name, key = 'Tab') {
  const names = []
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press(key)
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      return (element.ariaLabel ?? element.textContent ?? '').trim() || element.name || element.id
    })
    if (focused === name) return
    names.push(focused)
  }
  assert.fail(`no Tab leads to ${name}, but to ${names}`)
}

/** Asserts that one dialog is open, and that neither it nor anything inside is cut off at the side. */
async function fits(page, width, where) {
  const found = await page.evaluate(() =>
    Array.from(document.querySelectorAll('dialog[open]'), (dialog) => {
      const { left, right } = dialog.getBoundingClientRect()
      return { left, right, hidden: dialog.scrollWidth - dialog.clientWidth }
    }),
  )
  assert.equal(found.length, 1, where)
  const [{ left, right, hidden }] = found
  assert.ok(
    left >= 0 && right <= width && hidden === 0,
    `${where}: ${left} to ${right}, and ${hidden} pixels are hidden`,
  )
}

pages('access to the page', {
  async 'axe-core finds nothing, anywhere'({ page, server }) {
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor()
    await accessible(page, 'the empty list')

    const { id } = await server.create('prod-api-server', ['admin'])
    const { id: disabled } = await server.create('a-long-name-'.repeat(8), ['member', 'auditor'])
    await server.call(`/v2/organizations/credentials/${disabled}`, 'PATCH', { enabled: false })
    const scopes = [{ method: 'GET', path: '/v2/workflows/**' }]
    await server.call(`/v2/organizations/credentials/${id}`, 'PATCH', { scopes })
    await server.call(`/v2/organizations/credentials/${id}/rotate`, 'POST', { grace_period_hours: 24 })
    await server.call('/v2/organizations/legacy-keys', 'POST', {})
    await page.reload()
    await page.getByText('3 keys').waitFor()
    await page.getByRole('button', { name: 'Show the public key of prod-api-server', exact: true }).click()
    await accessible(page, 'the list')

    await page.getByRole('button', { name: 'Actions for prod-api-server', exact: true }).click()
    await accessible(page, 'the menu')
    for (const entry of ['Rename', 'Rotate', 'Delete']) {
      if (!(await page.getByRole('button', { name: entry, exact: true }).isVisible())) {
        await page.getByRole('button', { name: 'Actions for prod-api-server', exact: true }).click()
      }
      await page.getByRole('button', { name: entry, exact: true }).click()
      await accessible(page, entry)
      await page.keyboard.press('Escape')
    }
    await page.getByRole('button', { name: 'Create New Key' }).click()
    await page.getByText('Use your own public key').click()
    await accessible(page, 'Add a key pair')
    await page.getByText('Use your own public key').click()
    await page.locator('#create-form [name=name]').fill('new')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Show the secret' }).click()
    await accessible(page, 'the creation screen')
    await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Done' }).click()

    await page.getByRole('link', { name: 'Audit trail' }).click()
    await page.getByText('Organization created').waitFor()
    await accessible(page, 'the audit trail')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await accessible(page, 'signing in')
  },

  async 'every dialog fits a phone of 320 pixels, with the longest name'({ page, server }) {
    const width = 320
    const name = 'w'.repeat(100)
    await page.setViewportSize({ width, height: 640 })
    const { id } = await server.create(name)
    await page.reload()
    const open = async (entry) => {
      await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
      await page.getByRole('button', { name: entry, exact: true }).click()
      await fits(page, width, entry)
      await page.keyboard.press('Escape')
    }
    for (const entry of ['Rename', 'Rotate', 'Delete']) await open(entry)
    await server.call(`/v2/organizations/credentials/${id}`, 'PATCH', { enabled: false })
    await page.reload()
    await open('Delete')

    await page.getByRole('button', { name: 'Create New Key' }).click()
    await page.getByText('Use your own public key').click()
    await fits(page, width, 'Add a key pair')
    await page.getByText('Use your own public key').click()
    await page.locator('#create-form [name=name]').fill(name)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Show the secret' }).click()
    await fits(page, width, 'the creation screen')
  },

  async 'a key is created, renamed and suspended with the keyboard alone'({ page }) {
    await page.getByRole('heading', { name: 'No keys yet' }).waitFor()
    await tabTo(page, 'Create New Key')
    await page.keyboard.press('Enter')
    await page.keyboard.type('prod-api')
    await page.keyboard.press('Tab')
    await page.keyboard.press('ArrowUp')
    assert.equal(await page.locator('#create-form [name=role]:checked').inputValue(), 'admin')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Key created' }).waitFor()
    await tabTo(page, 'Show the secret')
    await page.keyboard.press('Space')
    assert.match(await page.locator('#secret-key').textContent(), /^MII/)
    await tabTo(page, 'stored')
    await page.keyboard.press('Space')
    await tabTo(page, 'Done')
    await page.keyboard.press('Enter')
    await page.locator('#created').waitFor({ state: 'hidden' })
    assert.equal(await page.evaluate('document.activeElement.id'), 'create-new-key')

    await tabTo(page, 'Actions for prod-api')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Rename')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('new-name')
    await page.keyboard.press('Enter')
    await page.getByText('prod-api is now new-name').waitFor()
    await page.waitForFunction(() => document.activeElement.ariaLabel === 'Actions for new-name')

    await tabTo(page, 'new-name is enabled', 'Shift+Tab')
    await page.keyboard.press('Space')
    await page.getByText('is disabled').waitFor()
    await page.waitForFunction(() => document.activeElement.ariaChecked === 'false')

    await tabTo(page, 'Actions for new-name')
    await page.keyboard.press('Enter')
    await tabTo(page, 'Delete')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    assert.equal(await page.evaluate('document.activeElement.ariaLabel'), 'Actions for new-name')
  },

  async 'a screen reader hears a table with names, states and changes'({ page, server }) {
    await server.create('prod-api', ['admin'])
    await page.reload()
    const list = page.getByRole('table', { name: 'Org credentials' })
    await list.waitFor()
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 })
      assert.deepEqual(await list.getByRole('columnheader').allTextContents(), [
        'Name',
        'Credential ID and kid',
        'Public key',
        'Private key',
        'Last used',
        'Enabled',
        'Actions',
      ])
      assert.equal(await list.getByRole('rowheader', { name: 'prod-api' }).count(), 1)
      assert.equal(await list.getByRole('switch', { name: 'prod-api is enabled', checked: true }).count(), 1)
    }
    await page.getByRole('switch').click()
    await page.getByRole('status').filter({ hasText: 'prod-api is disabled' }).waitFor()
    assert.equal(await page.getByRole('switch', { checked: false }).count(), 1)
  },
})
