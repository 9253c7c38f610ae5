import { existsSync, readFileSync } from 'node:fs'

/** The builds for each platform. The package `NAME-BUILD` holds what was compiled for a build. */
const BUILDS: Readonly<Record<string, readonly string[]>> = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-arm64': ['win32-arm64-msvc'],
  'win32-x64': ['win32-x64-msvc'],
}

export type Failure = NodeJS.ErrnoException

/**
 * Returns what `attempt` returns for the first build of this platform that is installed. `name` is that of
 * the package, and `part` what the packages of its builds hold.
 */
export function loadBuild<T>(
  name: string,
  part: string,
  attempt: (build: string, failures: Failure[]) => T | undefined,
): T {
  const platform = `${process.platform}-${process.arch}`
  const builds = [...(BUILDS[platform] ?? [])]
  // With a glibc shim, Alpine Linux also loads the build for glibc. Its own is the better one.
  if (builds.length > 1 && usesMusl()) builds.reverse()
  const failures: Failure[] = []
  for (const build of builds) {
    const loaded = attempt(build, failures)
    if (loaded) return loaded
  }
  const [cause] = failures
  const message = explanation(name, part, platform, builds[0], cause)
  throw Object.assign(new Error(message, { cause }), { code: 'ERR_NATIVE_LIBRARY' })
}

function explanation(
  name: string,
  part: string,
  platform: string,
  build: string | undefined,
  failure: Failure | undefined,
): string {
  if (!build) {
    return `${name} has no ${part} for ${platform}; it is built for ${Object.values(BUILDS).flat().join(', ')}`
  }
  if (failure?.code !== 'MODULE_NOT_FOUND') {
    return `the ${part} of ${name} for ${build} cannot be loaded: ${failure?.message}`
  }
  return (
    `the ${part} of ${name} for ${build} is not installed; install the package ${name}-${build} ` +
    `in the same version as ${name}, and leave optional dependencies on: ` +
    'a lock file made on another platform, --omit=optional, copied node_modules and bundles lack it; ' +
    'the README of scout-auth says what a bundler needs'
  )
}

/** Whether this process runs on musl. A runtime that must not read the files says no. */
function usesMusl(): boolean {
  const loader = `/lib/ld-musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`
  try {
    // The list of mappings takes half a millisecond to read.
    if (!existsSync(loader)) return false
    return readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-')
  } catch {
    return false
  }
}
