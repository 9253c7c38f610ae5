import type * as Binding from './binding'
import { type Failure, loadBuild } from './platform'

/** What the native library exports. */
export type Native = Omit<typeof Binding, 'ExternalObject'>

/** Loads the native library from the package of this platform's build. */
export function loadLibrary(): Native {
  return loadBuild('scout-auth', 'native library', attempt)
}

/**
 * Bundlers and file tracers find a library by a literal `require` alone, and they accept that a package is
 * missing only if the `require` has a `try` of its own. A table of functions does not do: esbuild refuses it.
 */
function attempt(build: string, failures: Failure[]): Native | undefined {
  if (build === 'darwin-arm64') {
    try {
      return require('scout-auth-darwin-arm64')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else if (build === 'darwin-x64') {
    try {
      return require('scout-auth-darwin-x64')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else if (build === 'linux-arm64-gnu') {
    try {
      return require('scout-auth-linux-arm64-gnu')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else if (build === 'linux-arm64-musl') {
    try {
      return require('scout-auth-linux-arm64-musl')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else if (build === 'linux-x64-gnu') {
    try {
      return require('scout-auth-linux-x64-gnu')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else if (build === 'linux-x64-musl') {
    try {
      return require('scout-auth-linux-x64-musl')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else if (build === 'win32-arm64-msvc') {
    try {
      return require('scout-auth-win32-arm64-msvc')
    } catch (error) {
      failures.push(error as Failure)
    }
  } else {
    try {
      return require('scout-auth-win32-x64-msvc')
    } catch (error) {
      failures.push(error as Failure)
    }
  }
  return undefined
}
