// The declarations, under each supported TypeScript with its defaults: 6 and 7 load no @types by themselves.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { packageFolder, temporary } from './helper.mjs'

const use = `
  import { type Credential, createFetch, fromEnv, installFetch, PrivateKey, ScoutAuthError, Signer, type SignerOptions } from 'scout-auth'
  import 'scout-auth/register'
  const options: SignerOptions = { lifetime: 60 }
  const bytes: Uint8Array = PrivateKey.parse('').toDer()
  export const signer: Signer = new Signer('cred_1', bytes, options)
  export const header: string = fromEnv().authorization()
  export const authenticated: typeof fetch = createFetch(signer)
  export const uninstall: () => void = installFetch(signer, new URL('https://api.scoutos.com'))
  export class Rotating implements Credential {
    authorizationFor = (url: string | URL) => signer.authorizationFor(url)
    rejected = () => true
  }
  export const refusing: typeof fetch = createFetch(new Rotating())
  export const status = (error: unknown): number => (error instanceof ScoutAuthError ? error.status : 500)`

const project = temporary()
const installed = join(project, 'node_modules/scout-auth')
mkdirSync(join(project, 'node_modules/@types'), { recursive: true })
// Copied and not linked: a compiler would look for @types beside the real files.
for (const name of ['dist', 'package.json'])
  cpSync(join(packageFolder, name), join(installed, name), { recursive: true })
const beside = (name) => dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)))
for (const name of ['@types/node', 'undici-types']) symlinkSync(beside(name), join(project, 'node_modules', name))
for (const name of ['use.mts', 'use.cts']) writeFileSync(join(project, name), use)

for (const compiler of ['typescript-5', 'typescript-6', 'typescript']) {
  const { version } = JSON.parse(readFileSync(join(beside(compiler), 'package.json'), 'utf8'))
  test(`TypeScript ${version} takes the package, strictly, as ESM and as CommonJS`, () => {
    const tsc = join(beside(compiler), 'bin/tsc')
    const settings = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext']
    // By default in TypeScript 6 and later: `import 'scout-auth/register'` must be found.
    settings.push('--noUncheckedSideEffectImports')
    const { status, stdout, error } = spawnSync(process.execPath, [tsc, ...settings, 'use.mts', 'use.cts'], {
      cwd: project,
      encoding: 'utf8',
    })
    assert.deepEqual([status, stdout, error], [0, '', undefined])
  })
}
