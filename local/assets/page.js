// What the page does. The lists come from the server as HTML; changes go to the API as JSON.

const HERE = '/settings/api-keys/'
const STORED = 'scout-auth admin token'
const LISTS = ['keys', 'audit']
const DOTS = '•'.repeat(24)

const $ = (id) => document.getElementById(id)

/** It is stored in this tab once the server has accepted it. */
let token = ''
let organization = ''
/** What the creation screen shows: the secret, and the texts that contain it. */
let issued = null
/** The row that a dialog is about, and the control that opened it. */
let subject = null
let opener = ''

// The server

async function send(path, { method, body, signal } = {}) {
  const headers = { authorization: `Bearer ${token}` }
  if (organization) headers['scout-organization'] = organization
  if (body) headers['content-type'] = 'application/json'
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal }).catch((error) => {
    throw error.name === 'AbortError' ? error : new Error('The server cannot be reached. Does it still run?')
  })
  if (answer.ok) return answer
  const text = problem(await answer.json().catch(() => ({})), answer.status)
  if (answer.status === 401) askForToken(text)
  throw new Error(text)
}

function problem({ detail, help }, status) {
  if (Array.isArray(detail)) return sentence(`${detail[0].loc.at(-1)}: ${detail[0].msg}`.replace(/^: /, ''))
  return detail ? [detail, help].filter(Boolean).map(sentence).join(' ') : `The server answered ${status}.`
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`

const api = (path, method, body) => send(`/v2/organizations/${path}`, { method, body })

// The lists

const policy = globalThis.trustedTypes?.createPolicy('fragment', { createHTML: (text) => text })
const fetching = {}

/** Fetches a list and puts it in. What had the focus keeps it. */
async function show(name) {
  fetching[name]?.abort()
  fetching[name] = new AbortController()
  const { signal } = fetching[name]
  const query = new URLSearchParams(new FormData($(`${name}-filter`)))
  try {
    const text = await (await send(`${HERE}${name}?${query}`, { signal })).text()
    const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, 'text/html')
    const region = $(`${name}-list`)
    const focused = region.contains(document.activeElement) ? document.activeElement.id : ''
    region.replaceChildren(...parsed.body.childNodes)
    if (focused) focus(focused)
  } catch (error) {
    if (error.name === 'AbortError') return
    if (token) say(error.message)
    throw error
  }
}

const current = () => (location.hash === '#audit' ? 'audit' : 'keys')

function showTab() {
  for (const name of LISTS) {
    $(name).hidden = name !== current()
    $(`tab-${name}`).ariaCurrent = name === current() ? 'page' : null
  }
  return show(current())
}

const focus = (id) => ($(id) ?? $('title')).focus()

/** Beside an open dialog nothing is heard, so that a dialog has its own place. */
function say(text) {
  const place = document.querySelector('dialog[open] .toast') ?? $('said')
  place.textContent = text
  setTimeout(() => {
    if (place.textContent === text) place.textContent = ''
  }, 6000)
}

// Signing in

async function start() {
  const given = /^#admin_token=(.+)$/.exec(location.hash)
  if (given) history.replaceState(null, '', location.pathname)
  token = given?.[1] ?? sessionStorage.getItem(STORED)
  if (token) await signIn().catch(() => {})
  else askForToken('')
}

async function signIn() {
  const { organizations } = await (await send('/_local/organizations')).json()
  sessionStorage.setItem(STORED, token)
  $('organization').replaceChildren(...organizations.map(({ id, name }) => new Option(name, id)))
  $('organization').parentElement.hidden = organizations.length < 2
  $('sign-in').hidden = true
  $('settings').hidden = $('sign-out').hidden = false
  await showTab()
}

function askForToken(text) {
  token = organization = ''
  sessionStorage.removeItem(STORED)
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close()
  for (const name of LISTS) $(`${name}-list`).replaceChildren()
  $('settings').hidden = $('sign-out').hidden = true
  $('sign-in').hidden = false
  $('sign-in').querySelector('.problem').textContent = text
  $('admin-token').focus()
}

// Dialogs

function openDialog(id, row) {
  opener = (row?.querySelector('.actions > button') ?? document.activeElement).id || opener
  subject = row?.dataset
  const dialog = $(id)
  dialog.querySelector('form').reset()
  dialog.querySelector('.problem').textContent = ''
  for (const place of dialog.querySelectorAll('.subject')) place.textContent = subject?.name
  Object.assign(dialog.dataset, subject)
  const isLegacy = subject?.kind === 'legacy-keys'
  if (isLegacy) dialog.dataset.enabled = false
  if (id === 'rename') $('new-name').value = subject.name
  if (id === 'rotate') $('rotate-form').elements.end.value = isLegacy ? 'now' : 'open'
  dialog.showModal()
}

/** The creation screen: the only place where a secret is ever shown. */
function showIssued({ credential, private_key, legacy_key, key }) {
  const [secret, id, kid] = [private_key ?? key ?? '', credential?.id, credential?.kid]
  const env = legacy_key
    ? (text) => `SCOUT_API_KEY=${text}\n`
    : (text) => `SCOUT_PRIVATE_KEY=${text}\nSCOUT_CREDENTIAL_ID=${id}\nSCOUT_KID=${kid}\n`
  const file = (text) => `${JSON.stringify({ private_key: text, credential_id: id, kid }, null, 2)}\n`
  issued = { secret, texts: { key: (text) => text, env, file } }
  const facts = { name: credential?.name, id, kid, file: secret && id }
  openDialog('created')
  for (const part of $('created').querySelectorAll('.secret')) part.hidden = !secret
  for (const part of $('created').querySelectorAll('[data-fact]')) part.hidden = !facts[part.dataset.fact]
  for (const fact of ['name', 'id', 'kid']) $(`fact-${fact}`).textContent = facts[fact] ?? ''
  $('secret-title').textContent = legacy_key ? 'Legacy key' : 'Private key'
  $('stored').required = Boolean(secret)
  showSecret(false)
}

function showSecret(isShown) {
  const text = isShown ? issued.secret : DOTS
  for (const form in issued.texts) $(`secret-${form}`).textContent = issued.texts[form](text)
  press($('reveal-secret'), isShown)
}

function press(button, isPressed) {
  button.ariaPressed = String(isPressed)
  button.querySelector('use').setAttribute('href', isPressed ? '#eye-off' : '#eye')
}

function forget() {
  issued = null
  for (const form of ['key', 'env', 'file']) $(`secret-${form}`).textContent = ''
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text)
    say(`${what} copied`)
  } catch {
    say('The browser does not allow copying here: show the text, and copy it by hand.')
  }
}

const change = ({ kind, id }, method, body) => api(`${kind}/${id}`, method, body)

async function enable(row, enabled) {
  await change(row, 'PATCH', { enabled })
  say(enabled ? `${row.name} is enabled` : `${row.name} is disabled: requests with it get 401`)
  await show('keys')
}

async function issue(path, body) {
  const answer = await (await api(path, 'POST', body)).json()
  await show('keys').catch(() => {})
  return answer
}

// What buttons do

const actions = {
  signOut: () => askForToken(''),
  open: (button, row) => openDialog(button.dataset.dialog, row),
  close: (button) => button.closest('dialog').close(),
  copyText: ({ dataset }) => copy($(dataset.of).textContent, dataset.what),
  copySecret: ({ dataset }) => copy(issued.texts[dataset.form](issued.secret), dataset.what),
  revealSecret: (button) => showSecret(button.ariaPressed !== 'true'),
  toggle: (button, row) => enable(row.dataset, button.ariaChecked !== 'true'),
  createLegacy: async () => showIssued(await issue('legacy-keys', {})),
  reveal(button) {
    const text = $(button.dataset.of)
    text.hidden = !text.hidden
    press(button, !text.hidden)
  },
  more({ dataset }) {
    const { rows } = $(`${dataset.list}-filter`).elements
    rows.value = Number(rows.value) + 100
    return show(dataset.list)
  },
  async disableFirst(button) {
    await enable(subject, false)
    button.closest('dialog').dataset.enabled = false
    $('delete-form').elements.confirmation.focus()
  },
  download({ dataset }) {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([issued.texts[dataset.form](issued.secret)]))
    link.download = dataset.file
    link.click()
    URL.revokeObjectURL(link.href)
  },
}

// What forms do, and what is said when their dialog has closed.

const forms = {
  async 'sign-in-form'() {
    token = $('admin-token').value.trim()
    $('admin-token').value = ''
    await signIn()
  },
  async 'create-form'({ name, role, public_key }) {
    const own = public_key.value.trim() ? { public_key: public_key.value } : {}
    const answer = await issue('credentials', { name: name.value.trim(), roles: [role.value], ...own })
    $('create').close()
    showIssued(answer)
  },
  'created-form': () => {},
  async 'rename-form'() {
    const name = $('new-name').value.trim()
    await change(subject, 'PATCH', { name })
    await show('keys')
    return `${subject.name} is now ${name}`
  },
  async 'rotate-form'({ end, hours }) {
    const grace = end.value === 'hours' ? { grace_period_hours: Number(hours.value) } : {}
    const answer = await issue(`${subject.kind}/${subject.id}/rotate`, grace)
    $('rotate').close()
    showIssued(answer)
  },
  async 'delete-form'({ confirmation }) {
    if (confirmation.value !== subject.name) throw new Error(`Type ${subject.name} to confirm.`)
    await change(subject, 'DELETE')
    await show('keys')
    return `${subject.name} is deleted`
  },
}

document.addEventListener('click', async ({ target }) => {
  const button = target.closest('[data-do]')
  if (!button) return
  button.closest('[popover]')?.hidePopover()
  const alert = button.closest('form')?.querySelector('.problem')
  try {
    await actions[button.dataset.do](button, button.closest('tr'))
  } catch (error) {
    if (alert) alert.textContent = error.message
    else say(error.message)
  }
})

document.addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = event.target
  const [alert, button] = [form.querySelector('.problem'), form.querySelector('[type=submit]')]
  if (!alert) return
  alert.textContent = ''
  button.disabled = true
  try {
    const text = await forms[form.id](form.elements)
    if (form.parentElement.open) form.parentElement.close()
    if (text) say(text)
  } catch (error) {
    alert.textContent = error.message
  }
  button.disabled = false
})

for (const name of LISTS) $(`${name}-filter`).addEventListener('input', () => show(name).catch(() => {}))

for (const dialog of document.querySelectorAll('dialog')) {
  dialog.addEventListener('close', () => {
    if (dialog.id === 'created') forget()
    const focused = document.activeElement
    if (focused === document.body || dialog.contains(focused)) focus(opener)
  })
}

// Escape does not close the creation screen: the secret would be lost. Not every browser knows `closedby`.
$('created').addEventListener('cancel', (event) => event.preventDefault())
$('created').addEventListener('keydown', (event) => event.key === 'Escape' && event.preventDefault())
addEventListener('beforeunload', (event) => issued?.secret && event.preventDefault())
addEventListener('pagehide', forget)

$('organization').addEventListener('change', ({ target }) => {
  organization = target.value
  show(current()).catch(() => {})
})

addEventListener('hashchange', () => (location.hash.startsWith('#admin_token=') ? start() : showTab().catch(() => {})))
// Programs may have used or changed the keys meanwhile.
addEventListener('focus', () => {
  if (token && !document.querySelector('dialog[open], :popover-open')) show(current()).catch(() => {})
})

start()
