// Writes lib/codes.ts: core's table of errors.
import { readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const root = new URL('..', import.meta.url)
const library = readdirSync(new URL('lib', root)).find((name) => name.endsWith('.node'))
const { errorTable } = createRequire(import.meta.url)(`../lib/${library}`)

const quoted = (text) => (text.includes("'") ? JSON.stringify(text) : `'${text}'`)
const row = ({ code, number, status, summary, help }) =>
  `    ${code}: { number: ${number}, status: ${status}, summary: ${quoted(summary)}, help: ${quoted(help)} },\n`
const rows = errorTable()
const text = `// Written by scripts/codes.mjs from core's table of errors.

/** The stable name of an error, the same in every language. */
export type ScoutAuthErrorCode =\n${rows.map(({ code }) => `  | '${code}'\n`).join('')}
/** One row of the table. */
interface ErrorRow {
  number: number
  status: number
  summary: string
  help: string
}

type Table = Readonly<Record<ScoutAuthErrorCode, ErrorRow>>
let table: Table | undefined

/** The table of all errors. It is made when the first error asks for it: V8 passes over it at a start. */
export function errors(): Table {
  table ??= {\n${rows.map(row).join('')}  }
  return table
}
`
writeFileSync(new URL('lib/codes.ts', root), text)
