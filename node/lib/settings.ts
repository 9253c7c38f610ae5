import type { SignerOptions as NativeOptions } from './binding'
import { argumentError, refused } from './error'

/** Settings of a `Signer`. All are optional. */
export interface SignerOptions extends Omit<NativeOptions, 'claims'> {
  /**
   * Further claims, at most 4 KiB as JSON. `iss`, `sub`, `iat`, `exp`, `nbf` and `roles` are refused
   * among them. Default: none.
   */
  claims?: Readonly<Record<string, unknown>> | undefined
}

/** The types of settings, as JavaScript can check them. */
const TYPES = {
  string: { is: (value: unknown) => typeof value === 'string', text: 'a string' },
  number: { is: (value: unknown) => typeof value === 'number', text: 'a number' },
  time: { is: (value: unknown) => typeof value === 'number' || value instanceof Date, text: 'a number or a Date' },
  strings: { is: isListOfStrings, text: 'an array of strings' },
  object: { is: isObject, text: 'an object' },
}

/** The name and type of every setting of an interface. A missing or extra name does not compile. */
export type Types<Options> = Readonly<Record<keyof Options, keyof typeof TYPES>>

const SIGNER: Types<SignerOptions> = {
  kid: 'string',
  headerKid: 'string',
  lifetime: 'number',
  refreshMargin: 'number',
  backdate: 'number',
  allowedOrigins: 'strings',
  roles: 'strings',
  claims: 'object',
  refresh: 'number',
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
export function signerOptions(options: SignerOptions | undefined): NativeOptions {
  return withClaimsText(checked(options, SIGNER))
}

/**
 * The settings with the claims as JSON text.
 *
 * @throws {ScoutAuthError} `ERR_CLAIMS` for a value that JSON does not have.
 */
export function withClaimsText<Options extends Pick<SignerOptions, 'claims'>>(
  options: Options,
): Omit<Options, 'claims'> & Pick<NativeOptions, 'claims'> {
  return { ...options, claims: options.claims && claimsText(options.claims) }
}

function claimsText(claims: object): string {
  let text: string | undefined
  try {
    text = JSON.stringify(claims, jsonValue)
  } catch {
    // The error may contain a claim.
  }
  if (text === undefined) {
    throw refused('ERR_CLAIMS', 'they have a value that JSON does not have')
  }
  return text
}

/** JSON.stringify drops a function and a symbol, and writes null for a number that JSON does not have. */
function jsonValue(_name: string, value: unknown): unknown {
  if (
    typeof value === 'function' ||
    typeof value === 'symbol' ||
    (typeof value === 'number' && !Number.isFinite(value))
  ) {
    throw new TypeError()
  }
  return value
}

/** The variables of an environment, for the native library. */
export function variablesOf<Variables extends object>(variables: Variables): Variables {
  if (typeof variables !== 'object' || variables === null) {
    throw argumentError('the variables', 'an object')
  }
  return variables
}

export function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value)
}
