/** Service tiers of OpenAI; compatible servers have words of their own, which only their own clients understand. */
const OPENAI_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'])

/** True for a tier that OpenAI's formats know. */
export function isOpenAiTier(tier: string): boolean {
  return OPENAI_TIERS.has(tier)
}
