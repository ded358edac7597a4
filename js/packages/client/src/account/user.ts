// The signed-in user's own account. Each change answers with what was changed; the user in the state is then the new one.

import type { Greffier } from '../core/greffier.ts';
import type { RedirectParams } from '../types/flows.ts';
import type {
  OrganizationMembership,
  Page,
  PageParams,
  UserOrganizationInvitation,
} from '../types/organizations.ts';
import type {
  BackupCodes,
  Deleted,
  Device,
  EmailAddress,
  ExternalAccount,
  Metadata,
  Passkey,
  PhoneNumber,
  Totp,
  User,
  UserUpdate,
  Web3Wallet,
} from '../types/users.ts';

export function updateUser(greffier: Greffier, params: UserUpdate): Promise<User> {
  return greffier.mutate('/me', params, 'PATCH');
}

/** Merges; `null` removes a key. */
export function updateUnsafeMetadata(greffier: Greffier, unsafeMetadata: Metadata): Promise<User> {
  return greffier.mutate('/me/metadata', { unsafeMetadata }, 'PATCH');
}

export function deleteUser(greffier: Greffier): Promise<Deleted> {
  return greffier.mutate('/me', undefined, 'DELETE');
}

export interface PasswordChange {
  newPassword: string;
  currentPassword?: string | undefined;
  signOutOfOtherSessions?: boolean | undefined;
}

export function changePassword(greffier: Greffier, params: PasswordChange): Promise<User> {
  return greffier.mutate('/me/change_password', params);
}

export function removePassword(greffier: Greffier, currentPassword?: string): Promise<User> {
  return greffier.mutate('/me/remove_password', { currentPassword });
}

/** `null` removes the image. */
export function setProfileImage(greffier: Greffier, file: Blob | null): Promise<unknown> {
  if (!file) return greffier.mutate('/me/profile_image', undefined, 'DELETE');
  const form = new FormData();
  form.append('file', file);
  return greffier.mutate('/me/profile_image', form);
}

/** What names a user and is verified: its path, and the parameter that holds the new one. */
interface Identifications {
  email_addresses: { resource: EmailAddress; create: { emailAddress: string } };
  phone_numbers: {
    resource: PhoneNumber;
    create: { phoneNumber: string; reservedForSecondFactor?: boolean };
  };
  web3_wallets: { resource: Web3Wallet; create: { web3Wallet: string } };
}

type Kind = keyof Identifications;

/** Adds an address, number or wallet, which is then to be verified. */
export function addIdentification<Of extends Kind>(
  greffier: Greffier,
  kind: Of,
  params: Identifications[Of]['create'],
): Promise<Identifications[Of]['resource']> {
  return greffier.mutate(`/me/${kind}`, params);
}

export function prepareIdentification<Of extends Kind>(
  greffier: Greffier,
  kind: Of,
  id: string,
  params: Partial<RedirectParams> & { strategy: string },
): Promise<Identifications[Of]['resource']> {
  return greffier.mutate(`/me/${kind}/${id}/prepare_verification`, params);
}

export function attemptIdentification<Of extends Kind>(
  greffier: Greffier,
  kind: Of,
  id: string,
  params: { code?: string; signature?: string },
): Promise<Identifications[Of]['resource']> {
  return greffier.mutate(`/me/${kind}/${id}/attempt_verification`, params);
}

export function removeIdentification(greffier: Greffier, kind: Kind, id: string): Promise<Deleted> {
  return greffier.mutate(`/me/${kind}/${id}`, undefined, 'DELETE');
}

/** Makes a number a second factor, or the default one. */
export function updatePhoneNumber(
  greffier: Greffier,
  id: string,
  params: { reservedForSecondFactor?: boolean; defaultSecondFactor?: boolean },
): Promise<PhoneNumber> {
  return greffier.mutate(`/me/phone_numbers/${id}`, params, 'PATCH');
}

export interface ConnectParams extends RedirectParams {
  strategy: string;
  additionalScope?: readonly string[] | undefined;
}

/** Connects an account of another site; `destination(account.verification)` is where to go. */
export function connectAccount(greffier: Greffier, params: ConnectParams): Promise<ExternalAccount> {
  return greffier.mutate('/me/external_accounts', params);
}

export function reauthorizeAccount(
  greffier: Greffier,
  id: string,
  params: Omit<ConnectParams, 'strategy'>,
): Promise<ExternalAccount> {
  return greffier.mutate(`/me/external_accounts/${id}/reauthorize`, params, 'PATCH');
}

export function disconnectAccount(greffier: Greffier, id: string): Promise<Deleted> {
  return greffier.mutate(`/me/external_accounts/${id}`, undefined, 'DELETE');
}

export function renamePasskey(greffier: Greffier, id: string, name: string): Promise<Passkey> {
  return greffier.mutate(`/me/passkeys/${id}`, { name }, 'PATCH');
}

export function removePasskey(greffier: Greffier, id: string): Promise<Deleted> {
  return greffier.mutate(`/me/passkeys/${id}`, undefined, 'DELETE');
}

export function createTotp(greffier: Greffier): Promise<Totp> {
  return greffier.mutate('/me/totp');
}

export function verifyTotp(greffier: Greffier, code: string): Promise<Totp> {
  return greffier.mutate('/me/totp/attempt_verification', { code });
}

export function disableTotp(greffier: Greffier): Promise<Deleted> {
  return greffier.mutate('/me/totp', undefined, 'DELETE');
}

/** New codes; the former ones end. */
export function createBackupCodes(greffier: Greffier): Promise<BackupCodes> {
  return greffier.mutate('/me/backup_codes');
}

export function listDevices(greffier: Greffier): Promise<readonly Device[]> {
  return greffier.read('/me/sessions/active');
}

export function revokeDevice(greffier: Greffier, sessionId: string): Promise<Device> {
  return greffier.mutate(`/me/sessions/${sessionId}/revoke`);
}

export function listOwnMemberships(
  greffier: Greffier,
  page: PageParams = {},
): Promise<Page<OrganizationMembership>> {
  return greffier.read('/me/organization_memberships', { paginated: true, ...page });
}

export function listOwnInvitations(
  greffier: Greffier,
  params: PageParams & { status?: readonly string[] } = {},
): Promise<Page<UserOrganizationInvitation>> {
  return greffier.read('/me/organization_invitations', params);
}

export function acceptInvitation(greffier: Greffier, id: string): Promise<UserOrganizationInvitation> {
  return greffier.mutate(`/me/organization_invitations/${id}/accept`);
}

export function leaveOrganization(greffier: Greffier, organizationId: string): Promise<Deleted> {
  return greffier.mutate(`/me/organization_memberships/${organizationId}`, undefined, 'DELETE');
}
