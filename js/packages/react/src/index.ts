export { SecretKeyError } from './secretKeys.ts';
