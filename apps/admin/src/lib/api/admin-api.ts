import {
  adminListSchema,
  adminSchema,
  adminWithPasswordSchema,
  apiTokenListSchema,
  auditPageSchema,
  issuedApiTokenSchema,
} from '@relay/server/admin-contract'
import type {
  Admin,
  AdminChange,
  AdminInput,
  AdminList,
  AdminWithPassword,
  ApiTokenInputBody,
  ApiTokenList,
  AuditPageView,
  AuditQueryView,
  IssuedApiTokenView,
} from '@relay/server/admin-contract'

import { call, writeQuery } from './call.ts'

const admin = (id: string, rest = ''): string => `/admins/${encodeURIComponent(id)}${rest}`

/** Who may sign in, tokens of programs, and the log of what they did. */
export const adminApi = {
  listAdmins: (): Promise<AdminList> => call({ path: '/admins', answer: adminListSchema }),
  createAdmin: (body: AdminInput): Promise<AdminWithPassword> =>
    call({ method: 'POST', path: '/admins', body, answer: adminWithPasswordSchema }),
  updateAdmin: (id: string, body: AdminChange): Promise<Admin> =>
    call({ method: 'PATCH', path: admin(id), body, answer: adminSchema }),
  resetAdminPassword: (id: string): Promise<AdminWithPassword> =>
    call({ method: 'POST', path: admin(id, '/password'), answer: adminWithPasswordSchema }),
  removeAdmin: (id: string): Promise<AdminList> => call({ method: 'DELETE', path: admin(id), answer: adminListSchema }),
  listTokens: (): Promise<ApiTokenList> => call({ path: '/tokens', answer: apiTokenListSchema }),
  createToken: (body: ApiTokenInputBody): Promise<IssuedApiTokenView> =>
    call({ method: 'POST', path: '/tokens', body, answer: issuedApiTokenSchema }),
  removeToken: (id: string): Promise<ApiTokenList> =>
    call({ method: 'DELETE', path: `/tokens/${encodeURIComponent(id)}`, answer: apiTokenListSchema }),
  listAudit: (query: AuditQueryView, signal?: AbortSignal): Promise<AuditPageView> =>
    call({ path: `/audit${writeQuery(query)}`, answer: auditPageSchema, signal }),
}
