// Packs into npm/: the package, and a platform package for each native library that was built here.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))
const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT']

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

function pack(directory, published) {
  for (const name of LICENCES) copyFileSync(`../${name}`, `${directory}/${name}`)
  writeFileSync(`${directory}/package.json`, JSON.stringify({ ...published, ...origin }, null, 2))
  execFileSync('npm', ['pack', '--silent', '--pack-destination', 'npm', `./${directory}`])
}

rmSync('npm', { recursive: true, force: true })
execFileSync('npx', ['napi', 'create-npm-dirs'], { stdio: 'ignore' })
const platforms = readdirSync('npm').map((build) => ({ build, directory: `npm/${build}` }))

for (const { build, directory } of platforms) {
  const library = `scout-auth.${build}.node`
  if (existsSync(`lib/${library}`)) {
    copyFileSync(`lib/${library}`, `${directory}/${library}`)
    const published = json(`${directory}/package.json`)
    pack(directory, { ...published, files: [...published.files, ...LICENCES] })
  }
}

const { devDependencies, napi, scripts, ...published } = json('package.json')
const names = platforms.map(({ directory }) => json(`${directory}/package.json`).name)
published.optionalDependencies = Object.fromEntries(names.map((name) => [name, published.version]))
for (const name of ['dist', 'register', 'README.md']) cpSync(name, `npm/main/${name}`, { recursive: true })
pack('npm/main', published)
