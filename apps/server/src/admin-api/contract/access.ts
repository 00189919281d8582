import * as z from 'zod'

/** What an admin may do, from least to most: look, run the relay, rule over it. Each may do what those before it may. */
export const adminRoleSchema = z.enum(['auditor', 'operator', 'admin'])
export type AdminRoleName = z.infer<typeof adminRoleSchema>

/** What a token may do: each route names one of these, or is for people only. */
export const tokenScopeSchema = z.enum([
  'accounts:read',
  'accounts:write',
  'keys:read',
  'keys:write',
  'requests:read',
  'usage:read',
  'conversion:read',
  'conversion:write',
  'captures:read',
  'captures:write',
  'settings:read',
  'settings:write',
  'audit:read',
  'backup',
])
export type TokenScope = z.infer<typeof tokenScopeSchema>
