// Installs what scripts/pack.mjs packed for the tests, or the packages of another directory. The tests import scout-auth
// from test/node_modules, as a program of a user does.
//
//     node scripts/install.mjs [DIRECTORY]
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const directory = resolve(process.argv[2] ?? fileURLToPath(new URL('../npm', import.meta.url)))
process.chdir(fileURLToPath(new URL('../test', import.meta.url)))

const tarballs = readdirSync(directory).filter((name) => /^scout-auth-(?!tools-).*\.tgz$/.test(name))
rmSync('node_modules', { recursive: true, force: true })
execFileSync(
  'npm',
  [
    ...['install', '--offline', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'],
    ...tarballs.map((name) => join(directory, name)),
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
