import assert from 'node:assert/strict'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import * as jose from 'jose'
import { key, serve, temporary } from './helper.mjs'

const root = new URL('..', import.meta.url).pathname
const environment = {
  PATH: dirname(process.execPath),
  SCOUT_PRIVATE_KEY: key.toBase64url(),
  SCOUT_CREDENTIAL_ID: 'cred_1',
}
const project = temporary()
const node = (args, env) =>
  spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env: { ...environment, ...env } })

const tarballs = readdirSync(join(root, 'npm'))
  .filter((name) => name.endsWith('.tgz'))
  .map((name) => join(root, 'npm', name))
const [build] = tarballs.flatMap((path) => path.match(/scout-auth-([a-z].*)-\d+\.\d+\.\d+\.tgz/)?.[1] ?? [])
writeFileSync(join(project, 'package.json'), '{ "private": true }')
execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: project, stdio: 'ignore' })

test('the platform package is below 1.86 MB, and the packages hold what runs, the licences and nothing else', () => {
  assert.equal(tarballs.length, 2)
  for (const tarball of tarballs) assert.ok(statSync(tarball).size < 1_860_000, `${tarball} ${statSync(tarball).size}`)
  const installed = join(project, 'node_modules/scout-auth')
  const holds = (directory, ...what) =>
    assert.deepEqual(readdirSync(directory), ['LICENSE-APACHE', 'LICENSE-MIT', ...what])
  holds(installed, 'README.md', 'dist', 'package.json', 'register', 'testing')
  const components = ['LICENSE-THIRD-PARTY', 'README.md', 'package.json', 'sbom.cdx.json']
  holds(`${installed}-${build}`, ...components, `scout-auth.${build}.node`)
  const { optionalDependencies, devDependencies, scripts } = JSON.parse(readFileSync(join(installed, 'package.json')))
  assert.deepEqual([devDependencies, scripts], [undefined, undefined])
  const library = readFileSync(join(root, 'lib/library.ts'), 'utf8')
  const required = [...library.matchAll(/require\('(.+)'\)/g)].map(([, name]) => name)
  assert.deepEqual(Object.keys(optionalDependencies).sort(), required.sort())
  const [builds] = readFileSync(join(root, 'lib/platform.ts'), 'utf8').match(/BUILDS.*?\n}/s)
  const named = [...builds.matchAll(/'([\w-]+)'(?=[,\]])/g)].map(([, build]) => `scout-auth-${build}`)
  assert.deepEqual(named.sort(), required)
})

test('a project with clients of any age installs it', () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(project, 'node_modules/scout-auth/package.json')),
  )
  assert.deepEqual([dependencies, peerDependencies], [undefined, undefined])
})

test('an empty project with no compiler runs it by require and by import', () => {
  const use = 'console.log(verifyToken(Signer.fromEnv().token(), Signer.fromEnv().publicKey).credentialId)'
  writeFileSync(join(project, 'use.cjs'), `const { Signer, verifyToken } = require('scout-auth')\n${use}`)
  writeFileSync(join(project, 'use.mjs'), `import { Signer, verifyToken } from 'scout-auth'\n${use}`)
  for (const file of ['use.cjs', 'use.mjs']) {
    const { stdout, stderr } = node([file])
    assert.equal(stdout, 'cred_1\n', stderr)
  }
})

for (const peer of ['axios', 'got', 'ky', 'undici']) {
  symlinkSync(join(root, 'node_modules', peer), join(project, 'node_modules', peer))
}
writeFileSync(join(project, 'scout.key'), key.toPem())
const credential = { private_key: key.toBase64url(), credential_id: 'cred_123' }
writeFileSync(join(project, 'credential.json'), JSON.stringify(credential))
// npm does not have it.
mkdirSync(join(project, 'node_modules/scoutos'))
writeFileSync(join(project, 'node_modules/scoutos/package.json'), '{ "type": "module", "main": "index.js" }')
const sdk = readFileSync(new URL('fixtures/scoutos.mjs', import.meta.url), 'utf8')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code)
const installed = (name) => join(root, 'node_modules/.bin', name)
const runtimes = {
  Node: [process.execPath],
  Bun: [installed('bun')],
  Deno: [installed('deno'), 'run', '--allow-all', '--node-modules-dir=manual'],
}

for (const [runtime, [program, ...options]] of Object.entries(runtimes)) {
  test(`the examples of the README run under ${runtime}`, async () => {
    const { origin, requests } = await serve((_, response) => response.end('{}'))
    // Bun puts an undici of its own in the place of the real one, and it has no interceptors.
    const run = runtime === 'Bun' ? examples.filter((code) => !code.includes("from 'undici'")) : examples
    writeFileSync(join(project, 'node_modules/scoutos/index.js'), sdk.replace('https://api.scoutos.com', origin))
    for (const [index, code] of run.entries()) {
      const file = join(project, `readme.${index}.mjs`)
      writeFileSync(file, code.replaceAll('https://api.scoutos.com', origin))
      const { stdout } = await promisify(execFile)(program, [...options, file], { cwd: project, env: environment })
      const said = [...code.matchAll(/console\.log\(.*\/\/ (.*)/g)].map(([, text]) => `${text}\n`)
      assert.equal(plain(stdout), said.join(''), code)
    }
    assert.equal(requests.length, runtime === 'Bun' ? 7 : 8)
    for (const { headers } of requests) assert.match(headers.authorization, /^Bearer eyJ/)
  })
}

/** What a console shows, in one line an object. Bun's lists the methods of an object, in double quotes. */
function plain(stdout) {
  const shown = stdout.replaceAll(key.kid, '…').replaceAll('"', "'")
  return shown
    .replaceAll(/,?\n +\w+: \[\w+.*\]/g, '')
    .replaceAll(/,\n}/g, ' }')
    .replaceAll(/\n\s+|\n(?=})/g, ' ')
}

test('npx scout-auth is the command, with its exit status', () => {
  const command = join(project, 'node_modules/.bin/scout-auth')
  const header = node([command, 'authorization'])
  assert.match(header.stdout, /^Bearer eyJ/)
  const failed = node([command, 'authorization'], { SCOUT_PRIVATE_KEY: 'garbage' })
  assert.match(failed.stderr, /^error: the key is not base64url, PEM or JWK text \(ERR_KEY_ENCODING\)\nhelp: /)
  assert.equal(failed.status, 4)
})

test('jose reads the JWK set and the private JWK that the command prints', async () => {
  const command = join(project, 'node_modules/.bin/scout-auth')
  const scoutAuth = (...words) => {
    const { stdout, stderr } = node([command, ...words])
    assert.equal(stderr, '')
    return stdout.trim()
  }
  const keys = jose.createLocalJWKSet(JSON.parse(scoutAuth('jwks', join(project, 'scout.key'))))
  assert.equal((await jose.jwtVerify(scoutAuth('token'), keys, { issuer: 'scout' })).payload.sub, 'cred_1')
  const jwk = JSON.parse(scoutAuth('jwk', '--private'))
  const signed = await new jose.SignJWT({ sub: 'theirs' })
    .setProtectedHeader({ alg: 'RS256', kid: jwk.kid })
    .sign(await jose.importJWK(jwk, 'RS256'))
  assert.equal((await jose.jwtVerify(signed, keys)).payload.sub, 'theirs')
})

test('curl has the streams of the command', async () => {
  const server = await serve((request, response) => response.end(request.headers.authorization))
  const words = [join(project, 'node_modules/.bin/scout-auth'), 'curl', '-sS', '-d@-', server.origin]
  const env = { ...environment, PATH: process.env.PATH }
  const ran = promisify(execFile)(process.execPath, words, { cwd: project, env })
  ran.child.stdin.end('body')
  assert.match((await ran).stdout, /^Bearer eyJ/)
  assert.equal(server.requests[0].text, 'body')
})

test('scout-auth-tools does what only the full command does, if it is installed beside the command', () => {
  const command = join(project, 'node_modules/.bin/scout-auth')
  const missing = node([command, 'proxy'])
  assert.match(missing.stderr, /^error: proxy is not in this build .*\nhelp: install the package scout-auth-tools /)
  assert.equal(missing.status, 2)
  const full = join(project, 'node_modules/.bin/scout-auth-tools')
  writeFileSync(full, '#!/usr/bin/env node\nconsole.log(process.argv.slice(2)); process.exit(9)', { mode: 0o755 })
  const { stdout, stderr, status } = node([command, 'run', '--', 'npm', 'test'])
  rmSync(full)
  assert.deepEqual([stdout, stderr, status], ["[ 'run', '--', 'npm', 'test' ]\n", '', 9])
})

const message = (args, env) => {
  const { stdout, stderr, status } = node(args, env)
  assert.equal(status, 1, stderr)
  return stdout + stderr
}
const load = `try { require('scout-auth') } catch (error) { console.log(error.code, error.message); process.exit(1) }`

test('a library that is there and cannot be loaded says why', () => {
  const why = `the native library of scout-auth for ${build} cannot be loaded: `
  assert.match(message(['--no-addons', '-e', load]), new RegExp(`^ERR_NATIVE_LIBRARY ${why}.*addons`))
  const command = join(project, 'node_modules/scout-auth/dist/cli.js')
  assert.match(message(['--no-addons', command, 'kid']), new RegExp(`^error: ${why}.*addons.*\n$`))
})

if (process.platform === 'linux') {
  test('the build for the libc of the process is loaded first, if both are there', () => {
    const builds = ['gnu', 'musl'].map((libc) => build.replace(/(gnu|musl)$/, libc))
    const other = join(project, 'node_modules', `scout-auth-${builds.find((name) => name !== build)}`)
    mkdirSync(other)
    writeFileSync(join(other, 'index.js'), `module.exports = { isOther: true, runCommand: () => 0 }`)
    const loaded = (maps) => {
      const script = `
        const fs = require('fs')
        const read = fs.readFileSync
        // The loader of musl is there, as it is on Debian too if musl is installed.
        fs.existsSync = (path) => path.startsWith('/lib/ld-musl-')
        fs.readFileSync = (path, ...rest) => (path === '/proc/self/maps' ? ${maps} : read(path, ...rest))
        require('scout-auth')
        const [path] = Object.keys(require.cache).filter((path) => path.includes('scout-auth-linux-'))
        console.log(/gnu|musl/.exec(path)[0])`
      return node(['-e', script]).stdout.trim()
    }
    try {
      assert.equal(loaded(`'7f00 r-xp /lib/ld-musl-x86_64.so.1'`), 'musl')
      assert.equal(loaded(`'7f00 r-xp /lib/x86_64-linux-gnu/libc.so.6'`), 'gnu')
      assert.equal(loaded('unreadable'), 'gnu')
    } finally {
      rmSync(other, { recursive: true })
    }
  })
}

test('a missing platform package is explained', () => {
  rmSync(join(project, `node_modules/scout-auth-${build}`), { recursive: true })
  const explained = `the native library of scout-auth for ${build} is not installed; install the package`
  assert.match(message(['-e', load]), new RegExp(`^ERR_NATIVE_LIBRARY ${explained}`))
  const elsewhere = `Object.defineProperty(process, 'platform', { value: 'sunos' }); ${load}`
  assert.match(
    message(['-e', elsewhere]),
    /^ERR_NATIVE_LIBRARY scout-auth has no native library for sunos-x64; it is built for darwin-arm64, /,
  )
})
