import {
  accountImportSchema,
  accountFileSchema,
  accountListSchema,
  accountOptionsSchema,
  accountPreviewSchema,
  accountProbeSchema,
  accountSchema,
  accountTestSchema,
  acceptedLossListSchema,
  bulkOutcomeSchema,
  usageBreakdownSchema,
} from '@relay/server/admin-contract'
import type {
  AcceptedLossList,
  AcceptLossBody,
  AccountBulk,
  AccountChangeBody,
  AccountFile,
  AccountImport,
  AccountInputBody,
  AccountList,
  AccountOptions,
  AccountPreview,
  AccountPreviewInput,
  AccountProbe,
  AccountTest,
  AccountView,
  AdminUsageBreakdown,
  BulkOutcome,
  DraftTestInput,
  ProbeChangeView,
} from '@relay/server/admin-contract'

import { call, writeQuery } from './call.ts'

/** A test waits for answers of an upstream, which may be slow. */
const TEST_MS = 180_000

const place = (id: string, rest = ''): string => `/accounts/${encodeURIComponent(id)}${rest}`

/** Which days, of which account. */
interface DailyUsage {
  readonly accountId: string
  /** Milliseconds since the epoch. */
  readonly from: number
  /** IANA name of the zone that days begin in. */
  readonly timeZone: string
}

/** Accounts. */
export const accountApi = {
  listAccounts: (signal?: AbortSignal): Promise<AccountList> =>
    call({ path: '/accounts', answer: accountListSchema, signal }),
  getAccount: (id: string, signal?: AbortSignal): Promise<AccountView> =>
    call({ path: place(id), answer: accountSchema, signal }),
  createAccount: (body: AccountInputBody): Promise<AccountView> =>
    call({ method: 'POST', path: '/accounts', body, answer: accountSchema }),
  updateAccount: (id: string, body: AccountChangeBody): Promise<AccountView> =>
    call({ method: 'PATCH', path: place(id), body, answer: accountSchema }),
  removeAccount: (id: string): Promise<AccountList> =>
    call({ method: 'DELETE', path: place(id), answer: accountListSchema }),
  cloneAccount: (id: string, name: string): Promise<AccountView> =>
    call({ method: 'POST', path: place(id, '/clone'), body: { name }, answer: accountSchema }),
  clearAccountState: (id: string): Promise<AccountView> =>
    call({ method: 'POST', path: place(id, '/clear-state'), answer: accountSchema }),
  changeAccounts: (body: AccountBulk): Promise<BulkOutcome> =>
    call({ method: 'POST', path: '/accounts/bulk', body, answer: bulkOutcomeSchema }),
  acceptLoss: (body: AcceptLossBody): Promise<AcceptedLossList> =>
    call({ method: 'POST', path: '/accepted-losses', body, answer: acceptedLossListSchema }),
  countLoss: (id: string, code: string): Promise<AcceptedLossList> =>
    call({
      method: 'DELETE',
      path: `/accepted-losses/${encodeURIComponent(id)}/${encodeURIComponent(code)}`,
      answer: acceptedLossListSchema,
    }),
  /** Requests and their cost on each day. */
  getAccountUsage: (query: DailyUsage, signal?: AbortSignal): Promise<AdminUsageBreakdown> =>
    call({ path: `/usage/breakdown${writeQuery({ ...query, span: 'day' })}`, answer: usageBreakdownSchema, signal }),
  getAccountOptions: (): Promise<AccountOptions> => call({ path: '/account-options', answer: accountOptionsSchema }),
  previewAccount: (body: AccountPreviewInput, signal?: AbortSignal): Promise<AccountPreview> =>
    call({ method: 'POST', path: '/account-preview', body, answer: accountPreviewSchema, signal }),
  testAccount: (id: string, model?: string): Promise<AccountTest> =>
    call({ method: 'POST', path: place(id, '/test'), body: { model }, answer: accountTestSchema, timeoutMs: TEST_MS }),
  testDraft: (body: DraftTestInput, signal?: AbortSignal): Promise<AccountTest> =>
    call({ method: 'POST', path: '/account-test', body, answer: accountTestSchema, signal, timeoutMs: TEST_MS }),
  probeAccount: (id: string, model?: string): Promise<AccountProbe> =>
    call({
      method: 'POST',
      path: place(id, '/probe'),
      body: { model },
      answer: accountProbeSchema,
      timeoutMs: TEST_MS,
    }),
  applyProbe: (id: string, changes: readonly ProbeChangeView[]): Promise<AccountView> =>
    call({ method: 'POST', path: place(id, '/probe-changes'), body: { changes }, answer: accountSchema }),
  exportAccounts: (ids: readonly string[], passphrase: string | undefined): Promise<AccountFile> =>
    call({ method: 'POST', path: '/accounts/export', body: { ids, passphrase }, answer: accountFileSchema }),
  importAccounts: (file: unknown, passphrase: string | undefined): Promise<AccountImport> =>
    call({ method: 'POST', path: '/accounts/import', body: { file, passphrase }, answer: accountImportSchema }),
}
