import { ConversionError } from '@relay/format-converter'
import { UpstreamError } from '@relay/upstreams'

import { sendOnce } from '../diagnose/send-once.ts'
import { createRuleBook } from '../relay/prepare/rule-book.ts'
import { ServerError } from '../server-error.ts'
import { refuse } from './admin-answer.ts'
import { performanceSchema, sendInputSchema, sendOutcomeSchema } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

const MAX_SEND_BYTES = 4 * 1024 * 1024

/** What conversions take, and sending one by hand. */
export function addInspectionRoutes({ rooms, add }: AdminRouter): void {
  const { store, sender, log, pairs } = rooms
  add(
    {
      method: 'GET',
      path: '/conversion/performance',
      summary: 'What converting took on this node since it started, per pair of formats.',
      role: 'auditor',
      scope: 'conversion:read',
      answer: performanceSchema,
    },
    async () => ({ since: pairs.since, pairs: pairs.list().map((pair) => ({ ...pair })) }),
  )
  add(
    {
      method: 'POST',
      path: '/conversion/send',
      summary: 'Sends a client’s request through one account, once, and gives the raw answer. It costs what it costs.',
      role: 'operator',
      scope: 'conversion:write',
      body: sendInputSchema,
      answer: sendOutcomeSchema,
      maxBodyBytes: MAX_SEND_BYTES,
    },
    async ({ context, body: { accountId, format, request }, note }) => {
      const account = await store.getAccount(accountId)
      if (account === undefined) return refuse(context, { code: 'not-found', message: 'There is no such account.' })
      const opened = await store.openCredential(accountId)
      const credential = opened.type === 'opened' ? opened.credential : undefined
      await note({
        action: 'conversion.send',
        object: { kind: 'account', id: accountId, name: account.name },
        after: { format, bytes: request.length },
      })
      try {
        const rules = createRuleBook(store, log)
        return await sendOnce({ sender, rules }, { account, credential, format, body: Buffer.from(request) })
      } catch (error) {
        if (!ServerError.is(error) && !ConversionError.is(error) && !UpstreamError.is(error)) throw error
        return refuse(context, { code: 'invalid-request', message: error.message, field: 'request' })
      }
    },
  )
}
