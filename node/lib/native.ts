import type * as Binding from './binding'
import type { ScoutAuthErrorCode } from './codes'
import { refused, ScoutAuthError } from './error'

type Native = Omit<typeof Binding, 'ExternalObject'>
type AnyFunction = (...given: never[]) => unknown

/** The builds for each platform: the suffixes of the packages that hold the native library. */
export const BUILDS: Readonly<Record<string, readonly string[]>> = {
  'darwin-arm64': ['darwin-arm64'],
  'darwin-x64': ['darwin-x64'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'win32-x64': ['win32-x64-msvc'],
}

const platform = `${process.platform}-${process.arch}`
const binding = load()

const functions: Record<string, AnyFunction> = {}
for (const [name, value] of Object.entries(binding)) {
  if (typeof value === 'function') functions[name] = guarded(value)
}

/** The functions of the native library; what they throw is a `ScoutAuthError`. */
export const native = functions as unknown as Native

/** The function, with its errors translated. */
export function guarded<F extends AnyFunction>(run: F): F {
  const guard = (...given: never[]) => {
    try {
      return run(...given)
    } catch (error) {
      const shown = translated(error)
      // The stack begins with the function that was called.
      if (shown !== error) Error.captureStackTrace(shown as Error, guard)
      throw shown
    }
  }
  return guard as F
}

/**
 * The `ScoutAuthError` that stands for what the native library threw.
 *
 * An error of core says `ERR_…: text`. Otherwise napi failed to convert an argument or caught a
 * panic, and its text is dropped: it may hold the value.
 */
export function translated(error: unknown): unknown {
  const { code: status, message } = error as { code?: unknown; message?: unknown }
  const [, code, text] = /^(ERR_\w+): (.+)$/s.exec(String(message)) ?? []
  if (code && text) {
    return new ScoutAuthError(code as ScoutAuthErrorCode, text)
  }
  // Not napi's: JavaScript itself gave up, for example at the end of its stack.
  if (typeof status !== 'string') {
    return error
  }
  return refused(status === 'GenericFailure' ? 'ERR_INTERNAL' : 'ERR_ARGUMENT')
}

/**
 * Loads the library from the platform's package, or from where it was built. npm installs the one
 * build that fits; where several are there, the first that loads is it.
 */
function load(): Native {
  const failures: unknown[] = []
  for (const build of BUILDS[platform] ?? []) {
    for (const place of [`scout-auth-${build}`, `../lib/scout-auth.${build}.node`]) {
      try {
        return require(place)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  throw new Error(missing(), { cause: failures.length > 1 ? new AggregateError(failures) : failures[0] })
}

function missing(): string {
  const build = BUILDS[platform]?.find((name) => !name.startsWith('linux') || name.endsWith(libc()))
  if (!build) {
    return `scout-auth has no native library for ${platform}; it is built for ${Object.values(BUILDS).flat().join(', ')}`
  }
  return (
    `the native library of scout-auth for ${build} cannot be loaded; install the package scout-auth-${build} ` +
    'in the same version as scout-auth, and leave optional dependencies on: ' +
    'a lock file made on another platform, --omit=optional and copied node_modules lack it'
  )
}

function libc(): string {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime ? 'gnu' : 'musl'
}
