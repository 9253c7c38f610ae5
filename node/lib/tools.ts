#!/usr/bin/env node
// Runs the executable of this platform's build, and ends as it ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { isatty } from 'node:tty'
import { type Failure, loadBuild } from './platform'

const KEYBOARD: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']
const OTHERS: NodeJS.Signals[] = ['SIGHUP', 'SIGTERM', 'SIGUSR1', 'SIGUSR2']
const onWindows = process.platform === 'win32'

try {
  run(loadBuild('scout-auth-tools', 'executable', attempt))
} catch (error) {
  fail(error as Error)
}

function attempt(build: string, failures: Failure[]): string | undefined {
  try {
    return require.resolve(`scout-auth-tools-${build}/scout-auth-tools${onWindows ? '.exe' : ''}`)
  } catch (error) {
    failures.push(error as Failure)
    return undefined
  }
}

function run(program: string): void {
  let child: ChildProcess | undefined
  // Before the executable starts, so that no signal ends the script alone. A terminal sends the signals of
  // its keys to both processes.
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor))
  for (const signal of KEYBOARD) process.on(signal, () => hasTerminal || child?.kill(signal))
  for (const signal of onWindows ? [] : OTHERS) process.on(signal, () => child?.kill(signal))
  child = spawn(program, process.argv.slice(2), { stdio: 'inherit' })
  child.on('error', fail)
  child.on('exit', end)
}

/** The status that a shell shows for a program that a signal ended is 128 and the number of the signal. */
function end(status: number | null, signal: NodeJS.Signals | null): void {
  if (signal === null) {
    process.exitCode = status ?? 1
    return
  }
  process.exitCode = 128 + constants.signals[signal]
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

function fail(error: Error): void {
  console.error(`error: ${error.message}`)
  process.exitCode = 1
}
