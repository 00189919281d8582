import { compileRules, runRuleTests } from '@relay/format-converter/rules'

import { ruleTroubles } from '../config/rule-troubles.ts'
import { refuse } from './admin-answer.ts'
import type { AdminTrouble } from './admin-answer.ts'
import type { AdminContext } from './admin-rooms.ts'
import { ruleBookSchema, ruleInputSchema, rulePlaceListSchema, ruleVersionSourceSchema } from './contract/index.ts'
import type { RuleInput } from './contract/index.ts'
import type { AdminRouter } from './router.ts'
import { findRulePlace, listRulePlaces, newestVersion, readRuleBook, readVersion, saveRules } from './rule-store.ts'

/** A set of rules may have 64 KiB; the rest of the body is small. */
const MAX_RULE_BYTES = 128 * 1024

/** Custom conversion rules: what is in use, what is on trial, what was saved. */
export function addRuleRoutes(router: AdminRouter): void {
  addReadingRoutes(router)
  addSavingRoute(router)
}

function addReadingRoutes({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/rules',
      summary: 'Lists the places that can have conversion rules: all accounts together, and each.',
      role: 'auditor',
      scope: 'conversion:read',
      answer: rulePlaceListSchema,
    },
    async () => listRulePlaces(store),
  )
  add(
    {
      method: 'GET',
      path: '/rules/:place',
      summary: 'Shows the rules of a place (`global` or the id of an account): in use, on trial, saved before.',
      role: 'auditor',
      scope: 'conversion:read',
      answer: ruleBookSchema,
    },
    async ({ context, part }) => {
      const place = await findRulePlace(store, part('place'))
      return place === undefined ? noPlace(context) : readRuleBook(store, place)
    },
  )
  add(
    {
      method: 'GET',
      path: '/rules/:place/versions/:number',
      summary: 'Shows rules as they were saved.',
      role: 'auditor',
      scope: 'conversion:read',
      answer: ruleVersionSourceSchema,
    },
    async ({ context, part }) => {
      const number = Number(part('number'))
      const source = await readVersion(store, part('place'), number)
      if (source === undefined) return refuse(context, { code: 'not-found', message: 'There is no such version.' })
      return { number, source }
    },
  )
}

function addSavingRoute({ rooms: { store }, add }: AdminRouter): void {
  add(
    {
      method: 'PUT',
      path: '/rules/:place',
      summary:
        'Takes rules into use, or on trial. Mistakes and failing tests are refused; what is used is kept as a version.',
      role: 'operator',
      scope: 'conversion:write',
      body: ruleInputSchema,
      answer: ruleBookSchema,
      maxBodyBytes: MAX_RULE_BYTES,
    },
    async ({ context, part, body, caller, note }) => {
      const place = await findRulePlace(store, part('place'))
      if (place === undefined) return noPlace(context)
      const trouble = troubleIn(body) ?? (await conflictOf(body, () => newestVersion(store, place.place)))
      if (trouble !== undefined) return refuse(context, trouble)
      const before = await readRuleBook(store, place)
      const { mode, source, note: words } = body
      await saveRules(store, place, { mode, source, note: words, savedBy: caller.userName, savedAt: Date.now() })
      await note({
        action: mode === 'active' ? 'rules.save' : 'rules.shadow',
        object: { kind: 'rules', id: place.place, name: place.account?.name ?? 'global' },
        before: { rules: before[mode] },
        after: { rules: source },
      })
      // The account has been written anew, so it is read anew.
      return readRuleBook(store, (await findRulePlace(store, place.place)) ?? place)
    },
  )
}

function noPlace(context: AdminContext): Response {
  return refuse(context, { code: 'not-found', message: 'There is no such account.' })
}

function troubleIn({ source }: RuleInput): AdminTrouble | undefined {
  if (source === undefined) return undefined
  const [mistake] = ruleTroubles(source)
  if (mistake !== undefined)
    return { code: 'invalid-request', message: mistake.message, field: ['source', ...mistake.path].join('.') }
  const compiled = compileRules(source)
  const failed = compiled.ok ? runRuleTests(compiled.rules).find(({ ok }) => !ok) : undefined
  if (failed === undefined) return undefined
  const message = `The test "${failed.name}" fails: ${failed.troubles.join('; ')}`
  return { code: 'invalid-request', message: message.slice(0, 1000), field: 'source.tests' }
}

async function conflictOf(
  { baseVersion, mode }: RuleInput,
  newest: () => Promise<number>,
): Promise<AdminTrouble | undefined> {
  if (mode === 'shadow' || (await newest()) === baseVersion) return undefined
  return { code: 'conflict', message: 'Somebody else has saved these rules meanwhile. Load them again.' }
}
