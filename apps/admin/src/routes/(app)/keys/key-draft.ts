import type { KeyChangeBody, KeyInputBody, KeyView, LossPolicyChoice } from '@relay/server/admin-contract'

import { splitList } from '../accounts/form/send-draft.ts'
import { emptyLimitDraft, limitDraftOf, toLimits } from './limit-draft.ts'
import type { LimitDraft } from './limit-draft.ts'

/** A key as it stands in the form. */
export interface KeyDraft extends LimitDraft {
  name: string
  owner: string
  team: string
  tags: string
  note: string
  expiresOn: string
  afterDays: string
  models: string
  formats: string[]
  accounts: string[]
  groups: string
  addresses: string
  lossPolicy: LossPolicyChoice
  responseHours: string
  /** Requests that may wait for a slot; empty: none. */
  queueLength: string
  queueSeconds: string
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** An empty form. */
export function emptyKeyDraft(owner: string): KeyDraft {
  return {
    name: '',
    owner,
    team: '',
    tags: '',
    note: '',
    expiresOn: '',
    afterDays: '',
    models: '',
    formats: [],
    accounts: [],
    groups: '',
    addresses: '',
    ...emptyLimitDraft(),
    lossPolicy: 'warn',
    responseHours: '0',
    ...queueDraftOf(undefined),
  }
}

/** A key as it is saved, in the form. */
export function keyDraftOf(key: KeyView): KeyDraft {
  const { permissions } = key
  return {
    ...key,
    team: key.team ?? '',
    tags: key.tags.join(', '),
    expiresOn: key.expiresAt === undefined ? '' : toDay(key.expiresAt),
    afterDays: key.expiresAfterFirstUseMs === undefined ? '' : String(key.expiresAfterFirstUseMs / DAY_MS),
    models: (permissions.models ?? []).join(', '),
    formats: [...(permissions.formats ?? [])],
    accounts: [...(permissions.accounts ?? [])],
    groups: (permissions.groups ?? []).join(', '),
    addresses: (permissions.addresses ?? []).join(', '),
    ...limitDraftOf(key),
    responseHours: String(key.responseTtlMs / HOUR_MS),
    ...queueDraftOf(key.concurrencyQueue),
  }
}

function queueDraftOf(queue: KeyView['concurrencyQueue']): Pick<KeyDraft, 'queueLength' | 'queueSeconds'> {
  if (queue === undefined) return { queueLength: '', queueSeconds: '10' }
  return { queueLength: String(queue.maxWaiting), queueSeconds: String(queue.maxWaitMs / 1000) }
}

/** What is sent for a new key. */
export function toKeyInput(draft: KeyDraft): KeyInputBody {
  return { ...commonFields(draft), ...clearables(draft) }
}

/** What is sent for a key that is there. */
export function toKeyChange(draft: KeyDraft): KeyChangeBody {
  const { team, expiresAt, expiresAfterFirstUseMs, concurrencyQueue } = clearables(draft)
  return {
    ...commonFields(draft),
    team: team ?? null,
    expiresAt: expiresAt ?? null,
    expiresAfterFirstUseMs: expiresAfterFirstUseMs ?? null,
    concurrencyQueue: concurrencyQueue ?? null,
  }
}

function commonFields(draft: KeyDraft) {
  return {
    name: draft.name.trim(),
    owner: draft.owner.trim(),
    tags: splitList(draft.tags),
    note: draft.note,
    permissions: {
      models: listOrAll(splitList(draft.models)),
      formats: listOrAll(draft.formats as NonNullable<KeyView['permissions']['formats']>), // chosen from that list
      accounts: listOrAll(draft.accounts),
      groups: listOrAll(splitList(draft.groups)),
      addresses: listOrAll(splitList(draft.addresses)),
    },
    ...toLimits(draft),
    lossPolicy: draft.lossPolicy,
    responseTtlMs: Math.round(Number(draft.responseHours) * HOUR_MS),
  }
}

function clearables({ team, expiresOn, afterDays, queueLength, queueSeconds }: KeyDraft) {
  const maxWaiting = Number(queueLength)
  return {
    concurrencyQueue: maxWaiting > 0 ? { maxWaiting, maxWaitMs: Math.round(Number(queueSeconds) * 1000) } : undefined,
    team: team.trim() || undefined,
    expiresAt: expiresOn === '' ? undefined : new Date(`${expiresOn}T00:00`).getTime(),
    expiresAfterFirstUseMs: afterDays.trim() === '' ? undefined : Math.round(Number(afterDays) * DAY_MS),
  }
}

/** An empty list means "all", which is said by no list. */
function listOrAll<Entry>(list: Entry[]): Entry[] | undefined {
  return list.length === 0 ? undefined : list
}

function toDay(at: number): string {
  const date = new Date(at)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
}
