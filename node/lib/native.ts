import { errors, type ScoutAuthErrorCode } from './codes'
import { refused, ScoutAuthError } from './error'
import { loadLibrary, type Native } from './library'

type AnyFunction = (...values: never[]) => unknown

const binding = loadLibrary()

const functions: Record<string, AnyFunction> = {}
for (const [name, value] of Object.entries(binding)) {
  if (typeof value === 'function') functions[name] = guarded(value)
}

/** The functions of the native library; what they throw is a `ScoutAuthError`. */
export const native = functions as unknown as Native

/** The function, with its errors translated. */
export function guarded<F extends AnyFunction>(run: F): F {
  const guard = (...values: never[]) => {
    try {
      return run(...values)
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
 * An error of core has its code. Otherwise napi failed to convert an argument or caught a panic, and
 * its text is dropped, because it may contain a secret.
 */
export function translated(error: unknown): unknown {
  const { code, message } = error as { code?: unknown; message: string }
  if (typeof code !== 'string') {
    // JavaScript's own error, for example of a stack that is full.
    return error
  }
  if (Object.hasOwn(errors(), code)) {
    return new ScoutAuthError(code as ScoutAuthErrorCode, message)
  }
  return refused(code === 'GenericFailure' ? 'ERR_INTERNAL' : 'ERR_ARGUMENT')
}
