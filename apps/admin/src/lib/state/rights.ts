import { page } from '$app/state'

/** Whether the reader may change accounts and keys; an auditor looks only, and is shown no button that would be refused. */
export function mayChange(): boolean {
  return page.data.role !== 'auditor'
}

/** Whether the reader rules over admins, data and settings, too. */
export function isAdmin(): boolean {
  return page.data.role === 'admin'
}
