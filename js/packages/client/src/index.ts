// Requests, session tokens and state of Greffier in browsers.

export * from './account/apiKeys.ts';
export * from './account/organizations.ts';
export * from './account/user.ts';
export type { ActiveParams, Greffier, Mutation } from './core/greffier.ts';
export { createGreffier } from './core/greffier.ts';
export type {
  CaptchaAnswer,
  CaptchaSolver,
  GreffierOptions,
  TokenOptions,
} from './core/options.ts';
export { type Resource, type ResourceState, resource } from './core/resources.ts';
export type { Snapshot, Status } from './core/snapshot.ts';
export { isLive, liveSessions } from './core/snapshot.ts';
export { createStore, type Readable, type Store } from './core/store.ts';
export * from './flows/passkeys.ts';
export * from './flows/popup.ts';
export * from './flows/redirects.ts';
export * from './flows/reverification.ts';
export * from './flows/signIn.ts';
export * from './flows/signUp.ts';
export type * from './types/clients.ts';
export type * from './types/environment.ts';
export type * from './types/flows.ts';
export type * from './types/organizations.ts';
export type * from './types/users.ts';
export type * from './types/verifications.ts';
export * from './wire/errors.ts';
export { parsePublishableKey } from './wire/keys.ts';
export * from './wire/secretKeys.ts';
export {
  type Method,
  nativeTransport,
  type TokenStorage,
  type Transport,
  type WireAnswer,
  type WireRequest,
} from './wire/transport.ts';
