// Writes lib/codes.ts: the codes of core's table of errors, as a type.
import { readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const root = new URL('..', import.meta.url)
const library = readdirSync(new URL('lib', root)).find((name) => name.endsWith('.node'))
const { errorTable } = createRequire(import.meta.url)(`../lib/${library}`)

const codes = errorTable().map(({ code }) => `  | '${code}'\n`)
const text = `// Written by scripts/codes.mjs from core's table of errors.

/** The stable name of an error, the same in every language. */
export type ScoutAuthErrorCode =\n${codes.join('')}`
writeFileSync(new URL('lib/codes.ts', root), text)
