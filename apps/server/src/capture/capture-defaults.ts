import type { SettingRoom } from '@relay/account-store'
import * as z from 'zod'

/** The setting that holds them, as JSON. */
const CAPTURE_SETTING = 'capture-defaults'

const captureDefaultsSchema = z.strictObject({
  /** For how long capturing is proposed. */
  minutes: z.number().int().min(1).max(1440).default(15),
  /** How many requests are proposed. */
  maxCaptures: z.number().int().min(1).max(500).default(20),
  /** For how many days what was captured is kept. */
  keepDays: z.number().int().min(1).max(30).default(7),
})

/** How long and how much is captured unless said otherwise, and how long captures are kept. */
export type CaptureDefaults = z.output<typeof captureDefaultsSchema>

/** What the operator has decided; the usual where nothing or nothing readable is there. @throws StoreError */
export async function readCaptureDefaults(store: Pick<SettingRoom, 'readSetting'>): Promise<CaptureDefaults> {
  const text = await store.readSetting(CAPTURE_SETTING)
  const parsed = captureDefaultsSchema.safeParse(text === undefined ? {} : parse(text))
  return parsed.success ? parsed.data : captureDefaultsSchema.parse({})
}

/** Holds for captures from now on, on every node. @throws StoreError */
export async function writeCaptureDefaults(
  store: Pick<SettingRoom, 'writeSetting'>,
  defaults: CaptureDefaults,
): Promise<void> {
  await store.writeSetting(CAPTURE_SETTING, JSON.stringify(defaults))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema says no
  }
}
