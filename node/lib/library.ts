import { readFileSync } from 'node:fs'
import type * as Binding from './binding'

/** What the native library exports. */
export type Native = Omit<typeof Binding, 'ExternalObject'>

type Failure = NodeJS.ErrnoException

/** The builds for each platform. The package `scout-auth-BUILD` holds the native library of a build. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-x64': ['win32-x64-msvc'],
}

/** Loads the native library from the package of this platform's build. */
export function loadLibrary(): Native {
  const platform = `${process.platform}-${process.arch}`
  const builds = [...(BUILDS[platform] ?? [])]
  // With a glibc shim, Alpine Linux also loads the build for glibc. Its own is the better one.
  if (builds.length > 1 && usesMusl()) builds.reverse()
  const failures: Failure[] = []
  for (const build of builds) {
    const library = attempt(build, failures)
    if (library) return library
  }
  const [cause] = failures
  const message = explanation(platform, builds[0], cause)
  throw Object.assign(new Error(message, { cause }), { code: 'ERR_NATIVE_LIBRARY' })
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
  } else {
    try {
      return require('scout-auth-win32-x64-msvc')
    } catch (error) {
      failures.push(error as Failure)
    }
  }
  return undefined
}

function explanation(platform: string, build: string | undefined, failure: Failure | undefined): string {
  if (!build) {
    return `scout-auth has no native library for ${platform}; it is built for ${Object.values(BUILDS).flat().join(', ')}`
  }
  if (failure?.code !== 'MODULE_NOT_FOUND') {
    return `the native library of scout-auth for ${build} cannot be loaded: ${failure?.message}`
  }
  return (
    `the native library of scout-auth for ${build} is not installed; install the package scout-auth-${build} ` +
    'in the same version as scout-auth, and leave optional dependencies on: ' +
    'a lock file made on another platform, --omit=optional and copied node_modules lack it; ' +
    'if the program is bundled, see "Bundlers" in the README of scout-auth'
  )
}

/** Whether this process runs on musl. A runtime that must not read the file says no. */
function usesMusl(): boolean {
  try {
    return readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-')
  } catch {
    return false
  }
}
