// Packs into npm/: the package, and a platform package for each native library that was built here.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { builds, components, json, LICENCES, optionalDependencies, pack } from './npm.mjs'

rmSync('npm', { recursive: true, force: true })
execFileSync('npx', ['napi', 'create-npm-dirs'], { stdio: 'ignore' })

const platforms = builds()
for (const { build, manifest, library } of platforms) {
  if (library) {
    copyFileSync(`lib/${library}`, `npm/${build}/${library}`)
    const files = [...manifest.files, ...LICENCES, ...components('scout-auth-node', build, `npm/${build}`)]
    pack(`npm/${build}`, { ...manifest, files }, 'npm')
  }
}

const { devDependencies, napi, scripts, ...published } = json('package.json')
const names = platforms.map(({ manifest }) => manifest.name)
published.optionalDependencies = optionalDependencies(names, published.version)
for (const name of ['dist', 'register', 'testing', 'README.md']) cpSync(name, `npm/main/${name}`, { recursive: true })
pack('npm/main', published, 'npm')
