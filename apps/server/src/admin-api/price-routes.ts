import { MAX_PRICE_DATA_BYTES } from '../meter/prices/price-data.ts'
import { PriceTableError, resetPriceTable, showPriceTable, updatePriceTable } from '../upkeep/price-update.ts'
import { refuse } from './admin-answer.ts'
import { priceTableInputSchema, priceTableSchema } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

const OBJECT = { kind: 'setting', id: 'prices.table', name: 'prices.table' } as const

/** The table of list prices: which one is in force, another one, and back to the bundled one. */
export function addPriceRoutes({ rooms: { store, sender }, add }: AdminRouter): void {
  add(
    {
      method: 'GET',
      path: '/prices',
      summary: 'Which price table is in force, and how old it is.',
      role: 'auditor',
      scope: 'settings:read',
      answer: priceTableSchema,
    },
    async () => showPriceTable(store),
  )
  add(
    {
      method: 'POST',
      path: '/prices/update',
      summary: 'Puts the price table of an address or a text in force; what cannot be used changes nothing.',
      role: 'admin',
      scope: 'settings:write',
      body: priceTableInputSchema,
      answer: priceTableSchema,
      // JSON in a JSON text: quotes and line ends take two bytes.
      maxBodyBytes: 2 * MAX_PRICE_DATA_BYTES,
    },
    async ({ context, body, note }) => {
      const before = await showPriceTable(store)
      try {
        const after = await updatePriceTable({ store, sender }, body)
        await note({ action: 'prices.update', object: OBJECT, before, after })
        return after
      } catch (error) {
        if (!(error instanceof PriceTableError)) throw error
        return refuse(context, { code: 'invalid-request', message: error.message })
      }
    },
  )
  add(
    {
      method: 'POST',
      path: '/prices/reset',
      summary: 'Goes back to the price table that Relay brings.',
      role: 'admin',
      scope: 'settings:write',
      answer: priceTableSchema,
    },
    async ({ note }) => {
      const before = await showPriceTable(store)
      const after = await resetPriceTable(store)
      await note({ action: 'prices.reset', object: OBJECT, before, after })
      return after
    },
  )
}
