// index.d.ts

/// <reference types="node" preserve="true" />
export { ApiKey, type ApiKeyOptions } from './api-key';
export { interceptAxios } from './axios';
export type { SignerEvent } from './binding';
export type { ScoutAuthErrorCode } from './codes';
export { fromEnv } from './environment';
export { ScoutAuthError } from './error';
export { type AnyFetch, createFetch, type FetchOptions } from './fetch';
export { installFetch } from './global-fetch';
export { gotHooks } from './got';
export type { Credential } from './http';
export { derToPem, type KeyInput, type KeyText, kid, PrivateKey, PublicKey, pemToDer, toBase64url, toPem } from './key';
export type { SignerOptions } from './settings';
export { Signer } from './signer';
export { TestClock } from './test-clock';
export type { Time } from './time';
export { type MintOptions, mintToken, Token } from './token';
export { undiciInterceptor } from './undici';
export { type Claims, type PublicKeys, Verifier, type VerifierOptions, type VerifyOptions, verifyToken, } from './verifier';

// testing.d.ts

import { type Signer, type SignerOptions, TestClock } from './index';
export interface RecordedRequest {
    readonly time: number;
    readonly method: string;
    readonly path: string;
    readonly headers: readonly (readonly [string, string])[];
    readonly bodyLength: number;
    readonly status: number;
    readonly code: string | null;
    readonly credentialId: string | null;
}
export interface Fault {
    times?: number | undefined;
    path?: string | undefined;
    delay?: number | undefined;
    retryAfter?: number | undefined;
}
interface Issued {
    credential: {
        id: string;
        kid: string;
        name: string;
    };
    private_key: string;
}
export declare class Credential {
    #private;
    readonly id: string;
    readonly kid: string;
    readonly name: string;
    readonly file: string;
    constructor(scout: LocalScout, issued: Issued, file: string);
    get privateKey(): string;
    get environment(): {
        SCOUT_CREDENTIAL_FILE: string;
    };
    rotate(): Promise<Credential>;
    disable(): Promise<void>;
    enable(): Promise<void>;
    delete(): Promise<void>;
}
export declare class LocalScout implements AsyncDisposable {
    #private;
    readonly url: string;
    readonly organizationId: string;
    readonly clock: TestClock;
    private constructor();
    static of(server: Server, organizationId: string): Promise<LocalScout>;
    get credential(): Credential;
    createCredential(name?: string, roles?: readonly string[]): Promise<Credential>;
    signer(credential?: Credential, options?: SignerOptions): Signer;
    advance(seconds: number): Promise<void>;
    skew(seconds: number): Promise<void>;
    fail(status?: number | null, fault?: Fault): Promise<void>;
    cut({ times: next, path }?: Pick<Fault, 'times' | 'path'>): Promise<void>;
    requests(): Promise<RecordedRequest[]>;
    organization(): Promise<LocalScout>;
    manage(method: string, path: string, body?: object): Promise<unknown>;
    stop(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
export declare function startLocalScout(options?: readonly string[]): Promise<LocalScout>;
declare class Server {
    #private;
    readonly url: string;
    readonly organization: string;
    readonly folder: string;
    private constructor();
    static start(options: readonly string[]): Promise<Server>;
    ask(method: string, path: string, body: object | undefined, organization: string): Promise<unknown>;
    stop(): Promise<void>;
}
export {};

// api-key.d.ts

import type { ExternalObject, ApiKey as NativeApiKey } from './binding';
export interface ApiKeyOptions {
    allowedOrigins?: readonly string[] | undefined;
}
type Handle = ExternalObject<NativeApiKey>;
export declare let apiKeyOf: (handle: Handle) => ApiKey;
export declare class ApiKey {
    #private;
    constructor(key: string, options?: ApiKeyOptions);
    static fromPrivateKey(key: string, options?: ApiKeyOptions): ApiKey;
    authorization(): string;
    bearer(): string;
    authorizationFor(url: string | URL): string;
    rejected(token: string, date?: string | null): boolean;
}
export {};

// axios.d.ts

import { type Credential } from './http';
export interface Interceptable {
    interceptors: Record<'request' | 'response', {
        use(fulfilled: Handler, rejected?: Handler): unknown;
    }>;
    getUri(config: object): string;
    request(config: object): Promise<unknown>;
}
type Handler = (value: any) => any;
export declare function interceptAxios<Instance extends Interceptable>(instance: Instance, credential: Credential): Instance;
export {};

// codes.d.ts

export type ScoutAuthErrorCode = 'ERR_KEY_EMPTY' | 'ERR_KEY_TEXT_TOO_LONG' | 'ERR_KEY_ENCODING' | 'ERR_KEY_ENCODED_TWICE' | 'ERR_KEY_TRUNCATED' | 'ERR_KEY_TRAILING_DATA' | 'ERR_KEY_STRUCTURE' | 'ERR_KEY_PEM' | 'ERR_KEY_PEM_BLOCKS' | 'ERR_KEY_PEM_LABEL' | 'ERR_KEY_JWK' | 'ERR_KEY_IS_PUBLIC' | 'ERR_KEY_IS_PRIVATE' | 'ERR_KEY_IS_CERTIFICATE' | 'ERR_KEY_IS_OPENSSH' | 'ERR_KEY_IS_ENCRYPTED' | 'ERR_KEY_IS_LEGACY' | 'ERR_KEY_IS_TOKEN' | 'ERR_KEY_FORMAT' | 'ERR_KEY_ALGORITHM' | 'ERR_KEY_TOO_SMALL' | 'ERR_KEY_TOO_LARGE' | 'ERR_KEY_EXPONENT' | 'ERR_KEY_INCONSISTENT' | 'ERR_KEY_MULTI_PRIME' | 'ERR_KEY_WITHOUT_PRIMES' | 'ERR_KEY_CANNOT_SIGN' | 'ERR_KEY_SET_EMPTY' | 'ERR_KID_MALFORMED' | 'ERR_KID_MISMATCH' | 'ERR_KEY_UNBALANCED' | 'ERR_KEY_IS_MASKED' | 'ERR_KEY_IS_PATH' | 'ERR_KEY_IS_REFERENCE' | 'ERR_KEY_IS_PLACEHOLDER' | 'ERR_TOKEN_TOO_LONG' | 'ERR_TOKEN_MALFORMED' | 'ERR_TOKEN_ALGORITHM' | 'ERR_TOKEN_CRITICAL' | 'ERR_TOKEN_KID_MISSING' | 'ERR_TOKEN_KID_UNKNOWN' | 'ERR_TOKEN_SIGNATURE' | 'ERR_TOKEN_CLAIM' | 'ERR_TOKEN_ISSUER' | 'ERR_TOKEN_EXPIRED' | 'ERR_TOKEN_FROM_FUTURE' | 'ERR_TOKEN_NOT_YET_VALID' | 'ERR_TOKEN_LIFETIME' | 'ERR_CREDENTIAL_ID' | 'ERR_LIFETIME' | 'ERR_REFRESH_MARGIN' | 'ERR_BACKDATE' | 'ERR_LEEWAY' | 'ERR_KEY_SIZE' | 'ERR_CLOCK' | 'ERR_VARIABLE_MISSING' | 'ERR_VARIABLE_NOT_TEXT' | 'ERR_VARIABLE_CONFLICT' | 'ERR_KEY_FILE' | 'ERR_API_KEY' | 'ERR_URL' | 'ERR_URL_INSECURE' | 'ERR_ORIGIN_NOT_ALLOWED' | 'ERR_ORIGIN' | 'ERR_ARGUMENT' | 'ERR_BUFFER_TOO_SMALL' | 'ERR_CREDENTIAL_ID_IS_KID' | 'ERR_KEY_FILE_IS_KEY' | 'ERR_CREDENTIAL_UNREADABLE' | 'ERR_CREDENTIAL_TOO_LONG' | 'ERR_CREDENTIAL_FORMAT' | 'ERR_CREDENTIAL_INCOMPLETE' | 'ERR_COMMAND_ARGUMENTS' | 'ERR_COMMAND_START' | 'ERR_COMMAND_FAILED' | 'ERR_COMMAND_TIMEOUT' | 'ERR_COMMAND_OUTPUT' | 'ERR_ROLES' | 'ERR_CLAIMS' | 'ERR_HEADER_KID' | 'ERR_REFRESH' | 'ERR_ENGINE' | 'ERR_INTERNAL';
interface ErrorRow {
    number: number;
    status: number;
    summary: string;
    help: string;
}
type Table = Readonly<Record<ScoutAuthErrorCode, ErrorRow>>;
export declare function errors(): Table;
export {};

// environment.d.ts

import { type ApiKey } from './api-key';
import { type SignerOptions } from './settings';
import { type Signer } from './signer';
export declare function fromEnv(variables?: Readonly<Record<string, string | undefined>>, options?: SignerOptions): Signer | ApiKey;

// error.d.ts

import { type ScoutAuthErrorCode } from './codes';
export declare class ScoutAuthError extends Error {
    readonly code: ScoutAuthErrorCode;
    constructor(code: ScoutAuthErrorCode, message: string);
    get number(): number;
    get help(): string;
    get status(): number;
}
export declare function refused(code: ScoutAuthErrorCode, detail?: string): ScoutAuthError;
export declare function argumentError(name: string, expected: string): ScoutAuthError;
export declare function checkedText(name: string, value: string): string;

// fetch.d.ts

import { type Credential } from './http';
interface FetchResponse {
    readonly status: number;
    readonly url: string;
    readonly redirected: boolean;
    readonly headers: {
        get(name: string): string | null;
    };
    readonly body: unknown;
}
export type AnyFetch = (input: any, init?: any) => Promise<FetchResponse>;
export interface FetchOptions<Fetch extends AnyFetch = typeof globalThis.fetch> {
    fetch?: Fetch | undefined;
}
export declare const beneath: WeakMap<AnyFetch, AnyFetch>;
export declare function createFetch<Fetch extends AnyFetch = typeof globalThis.fetch>(credential: Credential, options?: FetchOptions<Fetch>): Fetch;
export declare function unwrapped(fetch: AnyFetch): AnyFetch;
export declare function urlOf(input: unknown): string;
export {};

// global-fetch.d.ts

import { type Credential } from './http';
export declare function installFetch(credential: Credential, origin: string | URL): () => void;

// got.d.ts

import { type Credential } from './http';
type AnyHooks = Record<'init' | 'beforeRequest' | 'beforeRedirect' | 'afterResponse' | 'beforeError', AnyHook[]>;
type AnyHook = (...values: any[]) => any;
export declare function gotHooks(credential: Credential): AnyHooks;
export {};

// http.d.ts

export interface Credential {
    authorizationFor(url: string | URL): string;
    rejected(token: string, date?: string | null): boolean;
}
export declare function checkCredential(credential: Credential): void;
export declare function dateOf(header: (name: string) => unknown): string | null;
export declare function isOneShot(body: unknown): boolean;
export declare function isSafe(method: string | undefined): boolean;
export declare function discard(body: unknown): Promise<void>;
export declare function normalised(url: string): string;
export declare function originOf(url: string | URL): string;
export declare function sameOrigin(one: string | URL, other: string | URL): boolean;

// key.d.ts

import type { JsonWebKey, KeyObject } from 'node:crypto';
import type { ExternalObject, PrivateKey as NativePrivateKey, PublicKey as NativePublicKey } from './binding';
export type KeyText = string | Uint8Array;
export type KeyInput = KeyText | KeyObject | JsonWebKey;
type PrivateHandle = ExternalObject<NativePrivateKey>;
type PublicHandle = ExternalObject<NativePublicKey>;
export declare let privateHandle: (key: PrivateKey | KeyInput) => PrivateHandle;
export declare let publicHandle: (key: PublicKey) => PublicHandle;
export declare let publicKey: (handle: PublicHandle) => PublicKey;
export declare const KEY_INPUT = "a string, a Uint8Array, a KeyObject or a JWK";
export declare function readKey<T>(name: string, key: unknown, read: (text: KeyText) => T, expected?: string): T;
export declare class PublicKey {
    #private;
    readonly kid: string;
    readonly bits: number;
    private constructor();
    static parse(key: KeyInput): PublicKey;
    toPem(): string;
    toDer(): Buffer;
    toBase64url(): string;
    toJwk(): string;
}
export declare class PrivateKey {
    #private;
    readonly kid: string;
    readonly bits: number;
    private constructor();
    static parse(key: KeyInput): PrivateKey;
    static readFile(path: string): PrivateKey;
    static generate(bits?: number): PrivateKey;
    get publicKey(): PublicKey;
    toPem(): string;
    toDer(): Buffer;
    toBase64url(): string;
    toJwk(): string;
}
export declare function toPem(key: KeyInput): string;
export declare function toBase64url(key: KeyInput): string;
export declare const derToPem: typeof toPem;
export declare const pemToDer: typeof toBase64url;
export declare function kid(key: KeyInput | PrivateKey | PublicKey): string;
export {};

// settings.d.ts

import type { SignerOptions as NativeOptions } from './binding';
export interface SignerOptions extends Omit<NativeOptions, 'claims'> {
    claims?: Readonly<Record<string, unknown>> | undefined;
}
declare const TYPES: {
    string: {
        is: (value: unknown) => value is string;
        text: string;
    };
    number: {
        is: (value: unknown) => value is number;
        text: string;
    };
    time: {
        is: (value: unknown) => value is number | Date;
        text: string;
    };
    strings: {
        is: typeof isListOfStrings;
        text: string;
    };
    object: {
        is: typeof isObject;
        text: string;
    };
};
export type Types<Options> = Readonly<Record<keyof Options, keyof typeof TYPES>>;
export declare function checked<Options extends object>(options: Options | undefined, types: Types<Options>): Options;
export declare function signerOptions(options: SignerOptions | undefined): NativeOptions;
export declare function withClaimsText<Options extends Pick<SignerOptions, 'claims'>>(options: Options): Omit<Options, 'claims'> & Pick<NativeOptions, 'claims'>;
export declare function variablesOf<Variables extends object>(variables: Variables): Variables;
export declare function isListOfStrings(value: unknown): boolean;
declare function isObject(value: unknown): boolean;
export {};

// signer.d.ts

import { inspect } from 'node:util';
import type { ExternalObject, Signer as NativeSigner } from './binding';
import { ScoutAuthError } from './error';
import { type KeyInput, type PrivateKey, type PublicKey } from './key';
import { type SignerOptions } from './settings';
import { type Token } from './token';
type Handle = ExternalObject<NativeSigner>;
export declare let signerOf: (handle: Handle) => Signer;
export declare class Signer {
    #private;
    constructor(credentialId: string, privateKey: PrivateKey | KeyInput, options?: SignerOptions);
    static fromEnv(variables?: Readonly<Record<string, string | undefined>>, options?: SignerOptions): Signer;
    static fromFile(path: string, options?: SignerOptions): Signer;
    static fromCommand(command: readonly string[], options?: SignerOptions): Signer;
    mint(): Token;
    mintAsync(): Promise<Token>;
    token(): Token;
    authorization(): string;
    bearer(): string;
    authorizationFor(url: string | URL): string;
    rejected(token: Token | string, date?: string | null): boolean;
    invalidate(): void;
    get clockOffset(): number;
    get sourceError(): ScoutAuthError | undefined;
    get credentialId(): string;
    get kid(): string;
    get publicKey(): PublicKey;
    toJSON(): {
        credentialId: string;
        kid: string;
    };
    [inspect.custom](_depth: number, options: object): string;
}
export {};

// test-clock.d.ts

import { type SignerOptions } from './settings';
import { type Signer } from './signer';
export declare class TestClock {
    #private;
    advance(seconds: number): void;
    signer(path: string, options?: SignerOptions): Signer;
}

// time.d.ts

export type Time = number | Date;
export declare function unixSeconds(time: Time | undefined): number | undefined;

// token.d.ts

import type { TokenData } from './binding';
import { type KeyInput, type PrivateKey } from './key';
import { type SignerOptions } from './settings';
import { type Time } from './time';
export interface MintOptions extends Pick<SignerOptions, 'kid' | 'headerKid' | 'lifetime' | 'roles' | 'claims'> {
    issuedAt?: Time | undefined;
}
export declare let issued: (data: TokenData) => Token;
export declare class Token {
    #private;
    readonly issuedAt: number;
    readonly expiresAt: number;
    private constructor();
    get authorization(): string;
    toString(): string;
}
export declare function mintToken(credentialId: string, privateKey: PrivateKey | KeyInput, options?: MintOptions): Token;
export declare function tokenText(token: Token | string): string;

// undici.d.ts

import { type Credential } from './http';
type AnyDispatch = (options: any, handler: any) => boolean;
export declare function undiciInterceptor(credential: Credential, origin: string | URL): (dispatch: AnyDispatch) => AnyDispatch;
export {};

// verifier.d.ts

import type { JsonWebKey } from 'node:crypto';
import type { Claims as NativeClaims } from './binding';
import { type KeyInput, PublicKey } from './key';
import { type Time } from './time';
import { type Token } from './token';
export type PublicKeys = PublicKey | KeyInput | {
    readonly keys: readonly JsonWebKey[];
} | readonly PublicKeys[];
export interface Claims extends NativeClaims {
    readonly claims: Readonly<Record<string, unknown>>;
}
export interface VerifierOptions {
    leeway?: number | undefined;
}
export interface VerifyOptions {
    now?: Time | undefined;
}
export declare class Verifier {
    #private;
    readonly keys: readonly PublicKey[];
    constructor(keys: PublicKeys, options?: VerifierOptions);
    verify(token: Token | string, options?: VerifyOptions): Claims;
    toJwkSet(): string;
}
export declare function verifyToken(token: Token | string, keys: PublicKeys, options?: VerifierOptions & VerifyOptions): Claims;
