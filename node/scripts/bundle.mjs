// Bundles lib/*.ts into one CommonJS file for each entry and command of package.json, for one file
// loads faster than ten. Each ESM entry re-exports its CommonJS file: the two cannot drift, and
// there is one module with one state however it is loaded.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = new URL('..', import.meta.url)
const { bin, engines, exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const nameOf = (path) => path.match(/(\w+)\.js$/)[1]
const entries = Object.values(exports).flatMap((target) => (target.require ? nameOf(target.require) : []))
const commands = Object.values(bin).map(nameOf)

buildSync({
  absWorkingDir: fileURLToPath(root),
  entryPoints: [...entries, ...commands].map((name) => `lib/${name}.ts`),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  keepNames: true,
  target: `node${engines.node.match(/\d+/)[0]}`,
})
for (const name of entries) {
  for (const extension of ['mjs', 'd.mts']) {
    writeFileSync(new URL(`dist/${name}.${extension}`, root), `export * from './${name}.js'\n`)
  }
}
// What the declarations that tsc writes refer to.
copyFileSync(new URL('lib/binding.d.ts', root), new URL('dist/binding.d.ts', root))
