// A local Scout and a real Chromium, for the tests of the page.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createPublicKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { chromium } from 'playwright-core'

export const PROGRAM = fileURLToPath(new URL('../../target/debug/scout-auth', import.meta.url))
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A local Scout of a test's own. It ends with its standard input. */
export async function serve(...options) {
  const child = spawn(PROGRAM, ['serve', '--port', '0', '--until-eof', ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  const about = JSON.parse(line)
  const call = async (path, method = 'GET', body = undefined, bearer = about.admin_token) => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    const answer = await fetch(about.url + path, { method, headers, body: body && JSON.stringify(body) })
    return { status: answer.status, headers: answer.headers, body: await answer.text() }
  }
  /** Creates a credential with a public key. */
  const create = async (name, roles = ['member']) => {
    const { status, body } = await call(CREDENTIALS, 'POST', { name, roles, public_key: publicKey() })
    assert.equal(status, 201, body)
    return JSON.parse(body).credential
  }
  const stop = async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  }
  return { ...about, call, create, stop }
}

/** The browser, with a profile of its own. */
export async function browse() {
  const profile = await mkdtemp(join(tmpdir(), 'scout-auth-page-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: false,
    args: FLAGS,
    viewport: { width: 1280, height: 860 },
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  })
  context.setDefaultTimeout(10_000)
  const close = async () => {
    await context.close()
    await rm(profile, { recursive: true, force: true })
  }
  return { context, close }
}

/** Runs the tests of a file: each gets a tab on a local Scout of its own, and must end without a fault in the tab. */
export function pages(name, tests) {
  describe(name, () => {
    let browser
    before(async () => {
      browser = await browse()
    })
    after(() => browser.close())
    for (const [title, test] of Object.entries(tests)) {
      it(title, async () => {
        const server = await serve()
        const page = await open(browser.context, server.page)
        try {
          await test({ page, server, context: browser.context })
          assert.deepEqual(page.faults, [])
        } finally {
          await page.close()
          await server.stop()
        }
      })
    }
  })
}

/** A tab in which every report of the CSP, error and request to elsewhere is kept in `page.faults`. */
export async function open(context, url) {
  const page = await context.newPage()
  page.faults = []
  const { origin } = new URL(url)
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()))
  page.on('pageerror', (error) => page.faults.push(String(error)))
  page.on('request', (request) => {
    const isOurs = request.url().startsWith(`${origin}/`) || request.url().startsWith(`blob:${origin}/`)
    if (!isOurs) page.faults.push(`a request to ${request.url()}`)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
    })
  })
  await page.goto(url)
  return page
}

/** Removes the report of an answer that was to be refused: Chromium reports every one. */
export function refused(page, status) {
  const isOther = (fault) => !fault.includes(`the server responded with a status of ${status}`)
  assert.deepEqual(page.faults.splice(0).filter(isOther), [])
}

/** Asserts that axe-core finds nothing, in light and dark, on a desktop and on a phone. */
export async function accessible(page, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const viewport of [PHONE, DESKTOP]) {
      await page.setViewportSize(viewport)
      if (!(await page.evaluate('globalThis.axe?.version'))) await page.evaluate(axe.source)
      const { violations } = await page.evaluate('axe.run()')
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n')}`)
      assert.deepEqual(found, [], `${where}, ${colorScheme}, ${viewport.width} pixels`)
      const width = await page.evaluate('document.documentElement.scrollWidth')
      assert.ok(width <= viewport.width, `${where}: nothing is wider than ${viewport.width} pixels, but ${width}`)
    }
  }
}

export const CREDENTIALS = '/v2/organizations/credentials'
export const DESKTOP = { width: 1280, height: 860 }
export const PHONE = { width: 390, height: 844 }

/** A public key that nobody has the private key of: making a pair takes too long for a list of a hundred. */
export function publicKey() {
  const number = randomBytes(256)
  number[0] |= 0x80
  number[255] |= 1
  const jwk = { kty: 'RSA', n: number.toString('base64url'), e: 'AQAB' }
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' })
}
