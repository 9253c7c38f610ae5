#!/usr/bin/env node
import { loadLibrary } from './library'

process.exitCode = run(process.argv.slice(1))

function run(words: string[]): number {
  try {
    return loadLibrary().runCommand(words)
  } catch (error) {
    console.error(`error: ${(error as Error).message}`)
    return 1
  }
}
