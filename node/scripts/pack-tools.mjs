// Packs scout-auth-tools into npm/tools: the package, and a platform package with the executable that was built
// here. After scripts/pack.mjs: node scripts/pack-tools.mjs EXECUTABLE
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import { builds, components, json, LICENCES, optionalDependencies, pack } from './npm.mjs'

const [executable] = process.argv.slice(2)
const program = basename(executable)
const { version, license, engines } = json('package.json')
const tools = { ...json('tools/package.json'), version, license, engines }
const named = (build) => `${tools.name}-${build}`

rmSync('npm/tools', { recursive: true, force: true })
const platforms = builds()
for (const { build, manifest, library } of platforms) {
  if (library) {
    const directory = `npm/tools/${build}`
    mkdirSync(directory, { recursive: true })
    copyFileSync(executable, `${directory}/${program}`)
    chmodSync(`${directory}/${program}`, 0o755)
    const { main, description, keywords, ...fields } = manifest
    const files = [program, ...LICENCES, ...components('scout-auth-tools', build, directory)]
    pack(directory, { ...fields, name: named(build), description: tools.description, files }, 'npm/tools')
  }
}

execFileSync(process.execPath, ['scripts/bundle.mjs', 'npm/tools/main', 'tools'])
copyFileSync('tools/README.md', 'npm/tools/main/README.md')
const names = platforms.map(({ build }) => named(build))
pack('npm/tools/main', { ...tools, optionalDependencies: optionalDependencies(names, version) }, 'npm/tools')
