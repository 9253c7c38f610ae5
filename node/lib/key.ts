import type { JsonWebKey, KeyObject } from 'node:crypto'
import { types } from 'node:util'
import type { ExternalObject, PrivateKey as NativePrivateKey, PublicKey as NativePublicKey } from './binding'
import { argumentError, checkedText } from './error'
import { native } from './native'

/**
 * Key text as Scout issues it, or as PEM, JWK, PKCS#1 or DER. Common damage, such as `\\n` in place
 * of line breaks, is repaired.
 */
export type KeyText = string | Uint8Array

/**
 * A key as text, as a `KeyObject` of `node:crypto`, or as a JWK that was parsed. What is made of a
 * `KeyObject` on the way is wiped; the text that is made of a JWK stays in JavaScript's memory, as the
 * JWK itself does.
 */
export type KeyInput = KeyText | KeyObject | JsonWebKey

type PrivateHandle = ExternalObject<NativePrivateKey>
type PublicHandle = ExternalObject<NativePublicKey>

/** The native key of a `PrivateKey`, or of what `PrivateKey.parse` takes. */
export let privateHandle: (key: PrivateKey | KeyInput) => PrivateHandle
/** The native key of a `PublicKey`. */
export let publicHandle: (key: PublicKey) => PublicHandle
/** The `PublicKey` of a native key. */
export let publicKey: (handle: PublicHandle) => PublicKey

/** What a key may be given as. */
export const KEY_INPUT = 'a string, a Uint8Array, a KeyObject or a JWK'

/**
 * Calls `read` with the text of a key, and wipes what was made for that.
 *
 * @throws {ScoutAuthError} `ERR_ARGUMENT` if it is none. Its value may be a secret, so the error only names
 * the argument.
 */
export function readKey<T>(name: string, key: unknown, read: (text: KeyText) => T, expected = KEY_INPUT): T {
  if (typeof key === 'string' || types.isUint8Array(key)) {
    return read(key)
  }
  if (types.isKeyObject(key) && key.type !== 'secret') {
    const der = key.export({ format: 'der', type: key.type === 'private' ? 'pkcs8' : 'spki' })
    try {
      return read(der)
    } finally {
      der.fill(0)
    }
  }
  const jwk = jwkText(key)
  if (jwk === undefined) {
    throw argumentError(name, expected)
  }
  return read(jwk)
}

/** The text of a JWK or a JWK set that was parsed. Core refuses what is wrong with it. */
function jwkText(key: unknown): string | undefined {
  const { kty, keys } = (key ?? {}) as { kty?: unknown; keys?: unknown }
  if (typeof kty !== 'string' && !Array.isArray(keys)) {
    return undefined
  }
  try {
    return JSON.stringify(key)
  } catch {
    return undefined
  }
}

/** An RSA public key for RS256: parsed once, checked once, immutable. */
export class PublicKey {
  /** The kid: the RFC 7638 thumbprint. */
  readonly kid: string
  /** The size of the modulus in bits. */
  readonly bits: number
  readonly #handle: PublicHandle

  private constructor(handle: PublicHandle) {
    this.#handle = handle
    this.kid = native.publicKeyKid(handle)
    this.bits = native.publicKeyBits(handle)
  }

  static {
    publicKey = (handle) => new PublicKey(handle)
    publicHandle = (key) => key.#handle
  }

  /**
   * Reads a public key.
   *
   * @throws {ScoutAuthError} `ERR_KEY_…`: what this is, and what is required.
   */
  static parse(key: KeyInput): PublicKey {
    return new PublicKey(readKey('key', key, native.publicKeyParse))
  }

  /** PEM of SPKI. */
  toPem(): string {
    return native.publicKeyText(this.#handle, 'pem')
  }

  /** DER of SPKI. */
  toDer(): Buffer {
    return native.publicKeyDer(this.#handle)
  }

  /** base64url of the DER, as Scout shows it. */
  toBase64url(): string {
    return native.publicKeyText(this.#handle, 'base64url')
  }

  /** The public JWK, as JSON text. */
  toJwk(): string {
    return native.publicKeyText(this.#handle, 'jwk')
  }
}

/**
 * An RSA private key for RS256: parsed once, checked once, immutable.
 *
 * It is kept outside of JavaScript's memory. Printed or serialised, it shows only its kid and size.
 */
export class PrivateKey {
  /** The kid: the RFC 7638 thumbprint of the public key. */
  readonly kid: string
  /** The size of the modulus in bits. */
  readonly bits: number
  readonly #handle: PrivateHandle

  private constructor(handle: PrivateHandle) {
    this.#handle = handle
    const { kid, bits } = this.publicKey
    this.kid = kid
    this.bits = bits
  }

  static {
    privateHandle = (key) =>
      key instanceof PrivateKey
        ? key.#handle
        : readKey('privateKey', key, native.privateKeyParse, `a PrivateKey, ${KEY_INPUT}`)
  }

  /**
   * Reads a private key.
   *
   * @throws {ScoutAuthError} `ERR_KEY_…`: what this is, and what is required.
   */
  static parse(key: KeyInput): PrivateKey {
    return new PrivateKey(readKey('key', key, native.privateKeyParse))
  }

  /**
   * Reads a key file.
   *
   * @throws {ScoutAuthError} `ERR_KEY_FILE` and the errors of {@link PrivateKey.parse}.
   */
  static readFile(path: string): PrivateKey {
    return new PrivateKey(native.privateKeyReadFile(checkedText('path', path)))
  }

  /**
   * Makes a new key of 2048, 3072, 4096 or 8192 bits. It takes a tenth of a second to many seconds.
   *
   * @throws {ScoutAuthError} `ERR_KEY_SIZE`.
   */
  static generate(bits = 2048): PrivateKey {
    return new PrivateKey(native.privateKeyGenerate(bits))
  }

  /** The public key. */
  get publicKey(): PublicKey {
    return publicKey(native.privateKeyPublic(this.#handle))
  }

  /** PEM of PKCS#8. */
  toPem(): string {
    return native.privateKeyText(this.#handle, 'pem')
  }

  /** DER of PKCS#8. */
  toDer(): Buffer {
    return native.privateKeyDer(this.#handle)
  }

  /** base64url of the DER: the form that Scout issues. */
  toBase64url(): string {
    return native.privateKeyText(this.#handle, 'base64url')
  }

  /** The private JWK, as JSON text. */
  toJwk(): string {
    return native.privateKeyText(this.#handle, 'jwk')
  }
}

/**
 * Writes key text of any form as PEM: `PRIVATE KEY` or `PUBLIC KEY`.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`.
 */
export function toPem(key: KeyInput): string {
  return readKey('key', key, native.toPem)
}

/**
 * Writes key text of any form as base64url of its DER, the form that Scout issues.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`.
 */
export function toBase64url(key: KeyInput): string {
  return readKey('key', key, native.toBase64Url)
}

/** @deprecated The name of {@link toPem} until version 1.0. */
export const derToPem = toPem

/** @deprecated The name of {@link toBase64url} until version 1.0. */
export const pemToDer = toBase64url

/**
 * The kid of a key, private or public: the RFC 7638 thumbprint.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`.
 */
export function kid(key: KeyInput | PrivateKey | PublicKey): string {
  return key instanceof PrivateKey || key instanceof PublicKey ? key.kid : readKey('key', key, native.kid)
}
