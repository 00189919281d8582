import { randomUUID } from 'node:crypto'

/** Resource, a random part, and what is reserved of a daily quota in micro-USD. */
const LEASE_ID = /^(.*)#[\da-f-]{36}(?:#(\d+))?$/s

/** Names a new lease so that its id alone tells what it is a slot of and what it reserves. */
export function leaseIdFor(resource: string, reserved: number | undefined): string {
  return `${resource}#${randomUUID()}${reserved === undefined ? '' : `#${reserved}`}`
}

export function resourceOf(leaseId: string): string {
  return LEASE_ID.exec(leaseId)?.[1] ?? ''
}

export function reservedBy(leaseId: string): number {
  return Number(LEASE_ID.exec(leaseId)?.[2] ?? 0)
}
