import type { ScoutAuthErrorCode } from './codes'
import { refused, ScoutAuthError } from './error'
import { loadLibrary, type Native } from './library'

type AnyFunction = (...given: never[]) => unknown

const binding = loadLibrary()

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
