// scout-auth-tools as users install it: in an empty place, from a registry on loopback that has what `make dist` built
// and nothing else.
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const dist = fileURLToPath(new URL('../../target/dist', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'scout-auth-'))
test.after(() => rmSync(place, { recursive: true, force: true }))
const registry = await serve()
const env = {
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: place,
  npm_config_registry: registry,
  npm_config_update_notifier: 'false',
}

/** A registry: answers with the manifest of a package, and with the package. */
async function serve() {
  const packages = new Map()
  for (const file of readdirSync(dist).filter((name) => name.endsWith('.tgz'))) {
    const text = execFileSync('tar', ['-xzOf', join(dist, file), 'package/package.json'], { encoding: 'utf8' })
    packages.set(JSON.parse(text).name, { file, manifest: JSON.parse(text) })
  }
  const server = createServer((request, response) => {
    const name = request.url.slice(1)
    if (name.endsWith('.tgz')) return createReadStream(join(dist, name)).pipe(response)
    if (!packages.has(name)) return response.writeHead(404).end('{}')
    const { file, manifest } = packages.get(name)
    const { version } = manifest
    const versions = { [version]: { ...manifest, dist: { tarball: `${registry}/${file}` } } }
    response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => server.close())
  return `http://127.0.0.1:${server.address().port}`
}

/** Runs npm or npx, which must not hold up the registry. */
const run = (program, ...words) => promisify(execFile)(program, words, { cwd: place, env })
const installed = join(place, 'node_modules/.bin/scout-auth-tools')

test('npx -y scout-auth-tools runs the full command, with its output and exit status', async () => {
  const { stdout } = await run('npx', '-y', 'scout-auth-tools', 'doctor', '--help')
  assert.match(stdout, /--url/)
  await run('npx', '-y', 'scout-auth-tools', 'keygen', '--out', 'key.env')
  assert.match(readFileSync(join(place, 'key.env'), 'utf8'), /SCOUT_PRIVATE_KEY/)
  const failed = await run('npx', '-y', 'scout-auth-tools', 'token').catch((error) => error)
  assert.deepEqual([failed.code, failed.stdout], [3, ''])
  assert.match(failed.stderr, /^error: /)
})

test('npm install brings the package of this platform and no other', async () => {
  await run('npm', 'install', '--no-audit', '--no-fund', 'scout-auth-tools')
  const names = readdirSync(join(place, 'node_modules')).filter((name) => name.startsWith('scout-auth'))
  assert.equal(names.length, 2)
  assert.ok(names[1].startsWith(`scout-auth-tools-${process.platform}-${process.arch}`))
})

test('standard input reaches the executable', () => {
  const [, key] = readFileSync(join(place, 'key.env'), 'utf8').match(/SCOUT_PRIVATE_KEY=(\S+)/)
  const { stdout, status } = spawnSync(installed, ['pem', '--public'], { input: key, encoding: 'utf8', env })
  assert.equal(status, 0)
  assert.match(stdout, /^-----BEGIN PUBLIC KEY-----/)
})

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  test(`${signal} ends the executable, and the script as it ended`, {
    skip: process.platform !== 'linux',
  }, async () => {
    // It waits for a key.
    const script = spawn(installed, ['pem'], { env, stdio: ['pipe', 'ignore', 'inherit'] })
    const executable = await child(script.pid)
    script.kill(signal)
    assert.deepEqual(await once(script, 'exit'), [null, signal])
    assert.throws(() => process.kill(executable, 0), { code: 'ESRCH' })
  })
}

async function child(pid) {
  for (let tries = 0; tries < 1000; tries++) {
    const [found] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    if (found && readFileSync(`/proc/${found}/cmdline`, 'utf8').includes('-linux-')) return Number(found)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it has not started')
}

test('the command of scout-auth runs the full one, if it is installed beside it', async () => {
  await run('npm', 'install', '--no-audit', '--no-fund', 'scout-auth')
  const small = join(place, 'node_modules/.bin/scout-auth')
  const [{ stdout, status }, direct] = [small, installed].map((command) =>
    spawnSync(command, ['proxy', '--help'], { encoding: 'utf8', env }),
  )
  assert.deepEqual([status, stdout], [0, direct.stdout])
})

test('the test kit of scout-auth finds it', async () => {
  const script = `require('scout-auth/testing').startLocalScout().then(async (scout) => {
    console.log(scout.signer().kid === scout.credential.kid)
    await scout.stop()
  })`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: place, encoding: 'utf8', env })
  assert.equal(stdout, 'true\n', stderr)
})

test('a missing platform package is explained', () => {
  const platform = readdirSync(join(place, 'node_modules')).find((name) => name.startsWith('scout-auth-tools-'))
  rmSync(join(place, 'node_modules', platform), { recursive: true })
  const { stderr, status } = spawnSync(installed, ['--version'], { encoding: 'utf8', env })
  assert.equal(status, 1)
  assert.match(stderr, new RegExp(`^error: the executable of scout-auth-tools for .* is not installed; .*${platform}`))
})
