import { checkPriceText, readPriceText, writePriceText } from '../meter/own-prices.ts'
import { refuse } from './admin-answer.ts'
import { priceCheckSchema, ownPricesSchema, priceTextSchema } from './contract/index.ts'
import type { OwnPrices } from './contract/index.ts'
import type { AdminRouter } from './router.ts'

/** A table of prices for thousands of models fits. */
const MAX_PRICE_BYTES = 2 * 1024 * 1024

/** The operator's own prices, which win over the table. */
export function addOwnPriceRoutes({ rooms: { store, prices, refreshPrices }, add }: AdminRouter): void {
  async function read(): Promise<OwnPrices> {
    const text = await readPriceText(store)
    return { inForce: prices.sources().overrides.entries, text, mistakes: [...checkPriceText(text).mistakes] }
  }

  add(
    {
      method: 'GET',
      path: '/prices/own',
      summary: 'Shows the operator’s own prices as they were written.',
      role: 'auditor',
      scope: 'settings:read',
      answer: ownPricesSchema,
    },
    read,
  )
  add(
    {
      method: 'POST',
      path: '/prices/own/check',
      summary: 'Says what is wrong with a text of prices, and where. Nothing is kept.',
      role: 'auditor',
      scope: 'settings:read',
      body: priceTextSchema,
      maxBodyBytes: MAX_PRICE_BYTES,
      answer: priceCheckSchema,
    },
    async ({ body }) => {
      const { entries, mistakes } = checkPriceText(body.text)
      return { entries, mistakes: [...mistakes] }
    },
  )
  add(
    {
      method: 'PUT',
      path: '/prices/own',
      summary: 'Replaces the operator’s own prices; they hold for requests from now on.',
      role: 'admin',
      scope: 'settings:write',
      body: priceTextSchema,
      maxBodyBytes: MAX_PRICE_BYTES,
      answer: ownPricesSchema,
    },
    async ({ context, body, note }) => {
      const { entries, mistakes } = checkPriceText(body.text)
      const [first] = mistakes
      if (first !== undefined) return refuse(context, { code: 'invalid-request', message: first, field: 'text' })
      const before = checkPriceText(await readPriceText(store)).entries
      await writePriceText(store, body.text)
      await refreshPrices()
      const object = { kind: 'setting', id: 'prices', name: 'prices' }
      await note({ action: 'settings.update', object, before: { entries: before }, after: { entries } })
      return read()
    },
  )
}
