// Installs what scripts/pack.mjs packed for the tests. They import scout-auth from test/node_modules, as a
// program of a user does.
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../npm', import.meta.url))
process.chdir(fileURLToPath(new URL('../test', import.meta.url)))

const tarballs = readdirSync(directory).filter((name) => name.endsWith('.tgz'))
rmSync('node_modules', { recursive: true, force: true })
execFileSync(
  'npm',
  [
    ...['install', '--offline', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'],
    ...tarballs.map((name) => join(directory, name)),
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
)
