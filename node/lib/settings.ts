import type { SignerOptions } from './binding'
import { argumentError, refused } from './error'

/** The types of settings, as JavaScript can check them. */
const TYPES = {
  string: { is: (value: unknown) => typeof value === 'string', text: 'a string' },
  number: { is: (value: unknown) => typeof value === 'number', text: 'a number' },
  time: { is: (value: unknown) => typeof value === 'number' || value instanceof Date, text: 'a number or a Date' },
  strings: { is: isListOfStrings, text: 'an array of strings' },
}

/** The name and type of every setting of an interface. A missing or extra name does not compile. */
export type Types<Options> = Readonly<Record<keyof Options, keyof typeof TYPES>>

const SIGNER: Types<SignerOptions> = {
  kid: 'string',
  lifetime: 'number',
  refreshMargin: 'number',
  backdate: 'number',
  allowedOrigins: 'strings',
}

/**
 * Returns the settings that were passed, or none.
 *
 * @throws {ScoutAuthError} `ERR_ARGUMENT` for a wrong type, and for an unknown name: a mistyped
 * `allowedOrigins` must not mean that every origin is allowed.
 */
export function checked<Options extends object>(options: Options | undefined, types: Types<Options>): Options {
  const settings = options ?? ({} as Options)
  if (typeof settings !== 'object') {
    throw argumentError('the settings', 'an object')
  }
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(types, name)) {
      throw refused('ERR_ARGUMENT', `there is no setting ${name}, only ${Object.keys(types).join(', ')}`)
    }
    const { is, text } = TYPES[types[name as keyof Options]]
    if (value !== undefined && value !== null && !is(value)) {
      throw argumentError(name, text)
    }
  }
  return settings
}

/** The settings of a signer, for the native library. */
export function signerOptions(options: SignerOptions | undefined): SignerOptions {
  return checked(options, SIGNER)
}

/** The variables of an environment, for the native library. */
export function variablesOf<Variables extends object>(variables: Variables): Variables {
  if (typeof variables !== 'object' || variables === null) {
    throw argumentError('the variables', 'an object')
  }
  return variables
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
