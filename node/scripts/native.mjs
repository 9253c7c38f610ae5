// Builds the native library: node scripts/native.mjs DIRECTORY [cargo's options…]. DIRECTORY gets
// scout-auth.PLATFORM.node and binding.d.ts, the types of its functions. With a version of glibc behind
// the target (--target x86_64-unknown-linux-gnu.2.17) it is built for that one and later, by cargo-zigbuild;
// rustc's own options stand behind `--`.
//
// napi's own build names the target to cargo, which then compiles every dependency a second time,
// apart from the rest of the workspace: ten minutes more. So cargo is called here, and napi does
// the rest.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateTypeDef, parseTriple } from '@napi-rs/cli'

const [directory, ...options] = process.argv.slice(2)
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { napi } = JSON.parse(readFileSync('package.json', 'utf8'))

// The macros write the types here as they expand, so they are made to.
const typeDefDir = join(process.cwd(), 'node_modules/.cache/scout-auth-types')
rmSync(typeDefDir, { recursive: true, force: true })
mkdirSync(typeDefDir, { recursive: true })
const env = {
  ...process.env,
  NAPI_TYPE_DEF_TMP_FOLDER: typeDefDir,
  NAPI_FORCE_BUILD_SCOUT_AUTH_NODE: String(Date.now()),
}
const host = execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).match(/host: (.*)/)[1]
const [target, glibc] = (options[options.indexOf('--target') + 1 || options.length] ?? host).split(/\.(.*)/)
const build = ['rustc', '--package', 'scout-auth-node', '--message-format', 'json-render-diagnostics', ...options]
const zig = glibc || (options.includes('--target') && target.includes('-linux-'))
const messages = execFileSync(zig ? 'cargo-zigbuild' : 'cargo', build, {
  env,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
})

const artifacts = messages.split('\n').filter((line) => line.includes('"compiler-artifact"'))
const { filenames } = artifacts.map((line) => JSON.parse(line)).find(({ target }) => target.name === 'scout_auth_node')
const library = filenames.find((name) => /\.(so|dylib|dll)$/.test(name))

mkdirSync(directory, { recursive: true })
copyFileSync(library, join(directory, `${napi.binaryName}.${parseTriple(target).platformArchABI}.node`))
const { dts } = await generateTypeDef({ ...napi, typeDefDir, cwd: process.cwd() })
writeFileSync(join(directory, 'binding.d.ts'), dts)
