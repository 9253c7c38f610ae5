// Bundles modules of lib/: node scripts/bundle.mjs DIRECTORY NAME… DIRECTORY is emptied, and gets NAME.js
// for each, one CommonJS file, because one file loads faster than ten. `import` finds its names as `exports.name = name`.
import { copyFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const [directory, ...names] = process.argv.slice(2)
const dist = resolve(directory)
process.chdir(fileURLToPath(new URL('..', import.meta.url)))

// What an earlier version wrote must not be published.
rmSync(dist, { recursive: true, force: true })
for (const name of names) {
  await build({
    input: `lib/${name}.ts`,
    // What is there once, although several of these files use it.
    external: [/^scout-auth-/, './index'],
    platform: 'node',
    output: {
      file: join(dist, `${name}.js`),
      format: 'cjs',
      esModule: false,
      generatedCode: { symbols: false },
      // They are in the declarations, and a third of what V8 would read at each start.
      comments: false,
    },
    logLevel: 'warn',
  })
}
// What the declarations that tsc writes refer to.
if (names.includes('index')) copyFileSync('lib/binding.d.ts', join(dist, 'binding.d.ts'))
