// A small program, traced or bundled by each tool as the README of the Node package says ("Bundlers"). The
// result runs in a folder of its own, away from every node_modules.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { after } from 'node:test'
import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'
import { nodeFileTrace } from '@vercel/nft'
import * as esbuild from 'esbuild'
import { rollup } from 'rollup'
import webpack from 'webpack'

const { resolve } = createRequire(import.meta.url)
const packages = new URL('../../node/test/node_modules/', import.meta.url)
const { PrivateKey } = createRequire(packages)('scout-auth')
const env = {
  PATH: dirname(process.execPath),
  SCOUT_PRIVATE_KEY: PrivateKey.generate().toBase64url(),
  SCOUT_CREDENTIAL_ID: 'cred_1',
}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'scout-auth-')))
after(() => rmSync(root, { recursive: true }))
const project = join(root, 'project')
const input = join(project, 'program.mjs')
cpSync(packages, join(project, 'node_modules'), { recursive: true })
writeFileSync(
  input,
  `import { Signer, verifyToken } from 'scout-auth'
  const signer = Signer.fromEnv()
  console.log(verifyToken(signer.token(), signer.publicKey).credentialId)`,
)

/** A folder for what a tool makes. */
function folder(name) {
  const directory = join(root, name)
  mkdirSync(directory)
  return directory
}

/** Lays the packages of scout-auth beside the program, as an install in production does. */
function install(directory) {
  cpSync(packages, join(directory, 'node_modules'), { recursive: true })
}

/** Runs the program there, while the project that it was made from is away. */
function runs(directory, file) {
  renameSync(project, `${project}-away`)
  try {
    const said = execFileSync(process.execPath, [join(directory, file)], { cwd: directory, env, encoding: 'utf8' })
    assert.equal(said, 'cred_1\n')
  } finally {
    renameSync(`${project}-away`, project)
  }
}

test('@vercel/nft traces the native library', async () => {
  const out = folder('nft')
  const { fileList } = await nodeFileTrace([input], { base: project })
  for (const file of fileList) cpSync(join(project, file), join(out, file))
  assert.ok([...fileList].some((file) => file.endsWith('.node')))
  runs(out, 'program.mjs')
})

test('ncc bundles the native library', () => {
  const out = folder('ncc')
  execFileSync(process.execPath, [resolve('@vercel/ncc/dist/ncc/cli.js'), 'build', input, '--out', out, '--quiet'])
  runs(out, 'index.mjs')
})

test('esbuild copies the native library beside a CommonJS bundle', async () => {
  const out = folder('esbuild-cjs')
  await esbuild.build({
    entryPoints: [input],
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    loader: { '.node': 'copy' },
  })
  runs(out, 'program.cjs')
})

test('esbuild leaves the package out of an ESM bundle', async () => {
  const out = folder('esbuild-esm')
  await esbuild.build({
    entryPoints: [input],
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    external: ['scout-auth'],
  })
  install(out)
  runs(out, 'program.mjs')
})

test('rollup leaves the package out of a bundle', async () => {
  const out = folder('rollup')
  const bundle = await rollup({ input, external: ['scout-auth'], plugins: [nodeResolve(), commonjs()] })
  await bundle.write({ file: join(out, 'program.mjs') })
  install(out)
  runs(out, 'program.mjs')
})

test('webpack bundles the native library with node-loader', async () => {
  const out = folder('webpack')
  const settings = {
    mode: 'production',
    target: 'node',
    entry: input,
    output: { path: out, filename: 'program.cjs' },
    module: { rules: [{ test: /\.node$/, loader: resolve('node-loader') }] },
    // The packages of the other platforms, which are not installed.
    ignoreWarnings: [/Can't resolve 'scout-auth-/],
  }
  const stats = await new Promise((done, fail) =>
    webpack(settings, (error, stats) => (error ? fail(error) : done(stats))),
  )
  assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }).errors, [])
  assert.deepEqual(stats.toJson({ all: false, warnings: true }).warnings, [])
  runs(out, 'program.cjs')
})
