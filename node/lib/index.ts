/// <reference types="node" preserve="true" />
/**
 * Keys, tokens and the clients of Scout's API.
 *
 * @module scout-auth
 */
export { ApiKey, type ApiKeyOptions } from './api-key'
export { interceptAxios } from './axios'
export type { SignerEvent } from './binding'
export type { ScoutAuthErrorCode } from './codes'
export { fromEnv } from './environment'
export { ScoutAuthError } from './error'
export { type AnyFetch, createFetch, type FetchOptions } from './fetch'
export { installFetch } from './global-fetch'
export { gotHooks } from './got'
export type { Credential } from './http'
export { derToPem, type KeyInput, type KeyText, kid, PrivateKey, PublicKey, pemToDer, toBase64url, toPem } from './key'
export type { SignerOptions } from './settings'
export { Signer } from './signer'
export { TestClock } from './test-clock'
export type { Time } from './time'
export { type MintOptions, mintToken, Token } from './token'
export { undiciInterceptor } from './undici'
export {
  type Claims,
  type PublicKeys,
  Verifier,
  type VerifierOptions,
  type VerifyOptions,
  verifyToken,
} from './verifier'
