// Organizations, their members and roles.

import type { Metadata, PublicUserData } from './users.ts';

interface Stored {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Organization extends Stored {
  readonly object: 'organization';
  readonly name: string;
  readonly slug: string;
  readonly imageUrl: string;
  readonly hasImage: boolean;
  readonly membersCount: number;
  readonly pendingInvitationsCount: number;
  /** 0 is without a limit. */
  readonly maxAllowedMemberships: number;
  readonly adminDeleteEnabled: boolean;
  readonly publicMetadata: Metadata;
}

export interface OrganizationMembership extends Stored {
  readonly object: 'organization_membership';
  readonly organization: Organization;
  readonly publicUserData?: PublicUserData;
  readonly role: string;
  readonly roleName: string;
  /** With those of the system (`org:sys_memberships:manage`), which tokens do not have. */
  readonly permissions: readonly string[];
  readonly publicMetadata: Metadata;
}

export interface OrganizationInvitation extends Stored {
  readonly object: 'organization_invitation';
  readonly emailAddress: string;
  readonly organizationId: string;
  readonly role: string;
  readonly roleName: string;
  readonly status: 'pending' | 'accepted' | 'revoked' | 'expired' | 'completed';
  readonly publicMetadata: Metadata;
  readonly expiresAt?: number | null;
}

/** An invitation as the invited user sees it. */
export interface UserOrganizationInvitation extends OrganizationInvitation {
  readonly publicOrganizationData: PublicOrganizationData;
}

export interface PublicOrganizationData {
  readonly id: string;
  readonly name: string;
  readonly slug: string;
  readonly imageUrl: string;
  readonly hasImage: boolean;
}

export interface OrganizationDomain extends Stored {
  readonly object: 'organization_domain';
  readonly name: string;
  readonly organizationId: string;
  readonly enrollmentMode: string;
}

export interface Role extends Stored {
  readonly object: 'role';
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly isCreatorEligible: boolean;
  readonly permissions: readonly Permission[];
}

export interface Permission extends Stored {
  readonly object: 'permission';
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly type: 'system' | 'user';
}

/** One page of a list, and how many there are. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly totalCount: number;
}

export interface PageParams {
  limit?: number | undefined;
  offset?: number | undefined;
}
