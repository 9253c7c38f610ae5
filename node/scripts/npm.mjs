// What the packages have in common that are made in npm/.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseTriple } from '@napi-rs/cli'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

export const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT']
export const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

const manifests = execFileSync('cargo', ['metadata', '--no-deps', '--format-version=1'], { encoding: 'utf8' })
const { authors, repository } = JSON.parse(manifests).packages.find(({ name }) => name === 'scout-auth-node')
const origin = {
  author: authors.join(', '),
  ...(repository && {
    homepage: `${repository}#readme`,
    repository: { type: 'git', url: `git+${repository}.git`, directory: 'node' },
    bugs: `${repository}/issues`,
  }),
}

/** Packs what is in a directory, with that manifest, into the directory `into`. */
export function pack(directory, published, into) {
  for (const name of LICENCES) copyFileSync(`../${name}`, `${directory}/${name}`)
  writeFileSync(`${directory}/package.json`, JSON.stringify({ ...published, ...origin }, null, 2))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', into, `./${directory}`])
}

/** Writes into a directory what is linked into a package for that build, and returns the names of the files. */
export function components(crate, build, directory) {
  const target = json('package.json').napi.targets.find((name) => parseTriple(name).platformArchABI === build)
  const python = process.env.PYTHON ?? 'python3'
  execFileSync(python, ['../scripts/components.py', crate, target, directory], { stdio: 'inherit' })
  return ['LICENSE-THIRD-PARTY', 'sbom.cdx.json']
}

/** The builds that are published, each with the manifest of its package; `library` is what was built here for it. */
export function builds() {
  return readdirSync('npm')
    .filter((build) => build !== 'main' && existsSync(`npm/${build}/package.json`))
    .map((build) => {
      const library = `scout-auth.${build}.node`
      return { build, manifest: json(`npm/${build}/package.json`), library: existsSync(`lib/${library}`) && library }
    })
}

/** The packages of all builds, in the version of this one. npm installs the one for its platform. */
export function optionalDependencies(names, version) {
  return Object.fromEntries(names.map((name) => [name, version]))
}
