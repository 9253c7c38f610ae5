// Bundles lib/*.ts into one CommonJS file for the package and one for its command, for one file loads
// faster than ten.
import { copyFileSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = new URL('..', import.meta.url)
const { engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

buildSync({
  absWorkingDir: fileURLToPath(root),
  entryPoints: ['lib/index.ts', 'lib/cli.ts'],
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  keepNames: true,
  target: `node${engines.node.match(/\d+/)[0]}`,
})
// What the declarations that tsc writes refer to.
copyFileSync(new URL('lib/binding.d.ts', root), new URL('dist/binding.d.ts', root))
