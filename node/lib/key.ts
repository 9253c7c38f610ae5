import { types } from 'node:util'
import type { ExternalObject, PrivateKey as NativePrivateKey, PublicKey as NativePublicKey } from './binding'
import { argumentError, checkedText } from './error'
import { native } from './native'

/**
 * Key text as Scout issues it, or as PEM, JWK, PKCS#1 or DER. Common damage, such as `\\n` in place
 * of line breaks, is repaired.
 */
export type KeyText = string | Uint8Array

type PrivateHandle = ExternalObject<NativePrivateKey>
type PublicHandle = ExternalObject<NativePublicKey>

/** The native key of a `PrivateKey`, or of key text. */
export let privateHandle: (key: PrivateKey | KeyText) => PrivateHandle
/** The native key of a `PublicKey`, or of key text. */
export let publicHandle: (key: PublicKey | KeyText) => PublicHandle
/** The `PublicKey` of a native key. */
export let publicKey: (handle: PublicHandle) => PublicKey

/** Checks that this is key text. Its value may be a secret, so the error only names the argument. */
export function keyText(name: string, key: unknown, expected = 'a string or a Uint8Array'): KeyText {
  if (typeof key !== 'string' && !types.isUint8Array(key)) {
    throw argumentError(name, expected)
  }
  return key
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
    publicHandle = (key) =>
      key instanceof PublicKey
        ? key.#handle
        : native.publicKeyParse(keyText('publicKey', key, 'a PublicKey, a string or a Uint8Array'))
  }

  /**
   * Reads a public key.
   *
   * @throws {ScoutAuthError} `ERR_KEY_…`: what this is, and what is required.
   */
  static parse(key: KeyText): PublicKey {
    return new PublicKey(native.publicKeyParse(keyText('key', key)))
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
        : native.privateKeyParse(keyText('privateKey', key, 'a PrivateKey, a string or a Uint8Array'))
  }

  /**
   * Reads a private key.
   *
   * @throws {ScoutAuthError} `ERR_KEY_…`: what this is, and what is required.
   */
  static parse(key: KeyText): PrivateKey {
    return new PrivateKey(native.privateKeyParse(keyText('key', key)))
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
export function toPem(key: KeyText): string {
  return native.toPem(keyText('key', key))
}

/**
 * Writes key text of any form as base64url of its DER, the form that Scout issues.
 *
 * @throws {ScoutAuthError} `ERR_KEY_…`.
 */
export function toBase64url(key: KeyText): string {
  return native.toBase64Url(keyText('key', key))
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
export function kid(key: KeyText | PrivateKey | PublicKey): string {
  return key instanceof PrivateKey || key instanceof PublicKey ? key.kid : native.kid(keyText('key', key))
}
