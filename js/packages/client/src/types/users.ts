// Users and what belongs to them.

import type { OrganizationMembership } from './organizations.ts';
import type { Verification } from './verifications.ts';

interface Stored {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type Metadata = Readonly<Record<string, unknown>>;

interface Identification extends Stored {
  readonly reserved: boolean;
  readonly verification: Verification | null;
  readonly linkedTo: readonly { readonly id: string; readonly type: string }[];
}

export interface EmailAddress extends Identification {
  readonly object: 'email_address';
  readonly emailAddress: string;
  readonly matchesSsoConnection: boolean;
}

export interface PhoneNumber extends Identification {
  readonly object: 'phone_number';
  readonly phoneNumber: string;
  readonly reservedForSecondFactor: boolean;
  readonly defaultSecondFactor: boolean;
  /** Only in the answer that turned the first second factor on. */
  readonly backupCodes?: readonly string[] | null;
}

export interface Web3Wallet extends Stored {
  readonly object: 'web3_wallet';
  readonly web3Wallet: string;
  readonly verification: Verification | null;
}

export interface ExternalAccount extends Stored {
  readonly object: string;
  readonly provider: string;
  readonly providerUserId: string;
  readonly approvedScopes: string;
  readonly emailAddress: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly imageUrl: string;
  readonly username: string | null;
  readonly verification: Verification | null;
}

export interface Passkey extends Stored {
  readonly object: 'passkey';
  readonly name: string | null;
  readonly lastUsedAt: number | null;
  readonly verification: Verification | null;
}

export interface Totp extends Stored {
  readonly object: 'totp';
  readonly secret: string | null;
  readonly uri: string | null;
  readonly verified: boolean;
  readonly backupCodes: readonly string[] | null;
}

export interface BackupCodes extends Stored {
  readonly object: 'backup_code';
  readonly codes: readonly string[];
}

export interface User extends Stored {
  readonly object: 'user';
  readonly externalId: string | null;
  readonly username: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly imageUrl: string;
  readonly hasImage: boolean;
  readonly primaryEmailAddressId: string | null;
  readonly primaryPhoneNumberId: string | null;
  readonly primaryWeb3WalletId: string | null;
  readonly emailAddresses: readonly EmailAddress[];
  readonly phoneNumbers: readonly PhoneNumber[];
  readonly web3Wallets: readonly Web3Wallet[];
  readonly passkeys: readonly Passkey[];
  readonly externalAccounts: readonly ExternalAccount[];
  readonly organizationMemberships: readonly OrganizationMembership[];
  readonly passwordEnabled: boolean;
  readonly totpEnabled: boolean;
  readonly backupCodeEnabled: boolean;
  readonly twoFactorEnabled: boolean;
  readonly publicMetadata: Metadata;
  readonly unsafeMetadata: Metadata;
  readonly lastSignInAt: number | null;
  readonly deleteSelfEnabled: boolean;
  readonly createOrganizationEnabled: boolean;
  readonly createOrganizationsLimit: number | null;
  readonly legalAcceptedAt: number | null;
}

export interface PublicUserData {
  readonly userId?: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly imageUrl: string;
  readonly hasImage: boolean;
  readonly identifier: string;
}

export interface UserUpdate {
  username?: string | null | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  primaryEmailAddressId?: string | null | undefined;
  primaryPhoneNumberId?: string | null | undefined;
  primaryWeb3WalletId?: string | null | undefined;
}

/** What is left of something that was deleted. */
export interface Deleted {
  readonly object: string;
  readonly id: string;
  readonly deleted: true;
}

/** One of the user's devices. */
export interface Device extends Stored {
  readonly object: 'session';
  readonly status: string;
  readonly lastActiveAt: number;
  readonly expireAt: number;
  readonly latestActivity: {
    readonly id: string;
    readonly deviceType: string | null;
    readonly isMobile: boolean;
    readonly browserName: string | null;
    readonly browserVersion: string | null;
    readonly ipAddress: string | null;
    readonly city: string | null;
    readonly country: string | null;
  };
}

export interface ApiKey extends Stored {
  readonly object: 'api_key';
  readonly name: string;
  readonly description: string | null;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly claims: Metadata | null;
  readonly revoked: boolean;
  readonly expired: boolean;
  readonly expiration: number | null;
  readonly lastUsedAt: number | null;
  /** Only in the answer that created the key. */
  readonly secret?: string;
}
