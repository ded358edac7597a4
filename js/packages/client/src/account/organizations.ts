// Organizations, for members with the permission to see or change them.

import type { Greffier } from '../core/greffier.ts';
import type {
  Organization,
  OrganizationDomain,
  OrganizationInvitation,
  OrganizationMembership,
  Page,
  PageParams,
  Role,
} from '../types/organizations.ts';
import type { Deleted } from '../types/users.ts';

export function createOrganization(
  greffier: Greffier,
  params: { name: string; slug?: string | undefined },
): Promise<Organization> {
  return greffier.mutate('/organizations', params);
}

export function getOrganization(greffier: Greffier, id: string): Promise<Organization> {
  return greffier.read(`/organizations/${id}`);
}

export function updateOrganization(
  greffier: Greffier,
  id: string,
  params: { name?: string; slug?: string },
): Promise<Organization> {
  return greffier.mutate(`/organizations/${id}`, params, 'PATCH');
}

export function deleteOrganization(greffier: Greffier, id: string): Promise<Deleted> {
  return greffier.mutate(`/organizations/${id}`, undefined, 'DELETE');
}

/** `null` removes the logo. */
export function setOrganizationLogo(
  greffier: Greffier,
  id: string,
  file: Blob | null,
): Promise<Organization> {
  const path = `/organizations/${id}/logo`;
  if (!file) return greffier.mutate(path, undefined, 'DELETE');
  const form = new FormData();
  form.append('file', file);
  return greffier.mutate(path, form, 'PUT');
}

export function listMembers(
  greffier: Greffier,
  id: string,
  params: PageParams & { query?: string; role?: readonly string[] } = {},
): Promise<Page<OrganizationMembership>> {
  return greffier.read(`/organizations/${id}/memberships`, { paginated: true, ...params });
}

export function addMember(
  greffier: Greffier,
  id: string,
  params: { userId: string; role: string },
): Promise<OrganizationMembership> {
  return greffier.mutate(`/organizations/${id}/memberships`, params);
}

export function updateMember(
  greffier: Greffier,
  id: string,
  userId: string,
  role: string,
): Promise<OrganizationMembership> {
  return greffier.mutate(`/organizations/${id}/memberships/${userId}`, { role }, 'PATCH');
}

export function removeMember(
  greffier: Greffier,
  id: string,
  userId: string,
): Promise<OrganizationMembership> {
  return greffier.mutate(`/organizations/${id}/memberships/${userId}`, undefined, 'DELETE');
}

export function listInvitations(
  greffier: Greffier,
  id: string,
  params: PageParams & { status?: readonly string[] } = {},
): Promise<Page<OrganizationInvitation>> {
  return greffier.read(`/organizations/${id}/invitations`, params);
}

/** Invites one or several people. */
export function invite(
  greffier: Greffier,
  id: string,
  params: { emailAddress: readonly string[]; role: string },
): Promise<readonly OrganizationInvitation[]> {
  return greffier.mutate(`/organizations/${id}/invitations/bulk`, params);
}

export function revokeInvitation(
  greffier: Greffier,
  id: string,
  invitationId: string,
): Promise<OrganizationInvitation> {
  return greffier.mutate(`/organizations/${id}/invitations/${invitationId}/revoke`);
}

export function listRoles(greffier: Greffier, id: string, page: PageParams = {}): Promise<Page<Role>> {
  return greffier.read(`/organizations/${id}/roles`, page);
}

/** The domains; the server does not let browsers change them. */
export function listDomains(
  greffier: Greffier,
  id: string,
  page: PageParams = {},
): Promise<Page<OrganizationDomain>> {
  return greffier.read(`/organizations/${id}/domains`, page);
}
