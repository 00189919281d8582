import type { RoutingInput, RoutingStrategy, RoutingView } from '@relay/server/admin-contract'

/** Routing settings as they stand in the form. */
export interface RoutingDraft {
  strategy: RoutingStrategy
  aliases: { asked: string; sent: string }[]
  /** On the right the models that are tried in turn, separated by commas. */
  fallbacks: { asked: string; sent: string }[]
  showsAccount: boolean
}

/** The settings as they are saved, in the form. */
export function routingDraftOf({ strategy, aliases, fallbacks, showsAccount }: RoutingView['settings']): RoutingDraft {
  return {
    strategy,
    aliases: Object.entries(aliases).map(([asked, sent]) => ({ asked, sent })),
    fallbacks: Object.entries(fallbacks).map(([asked, next]) => ({ asked, sent: next.join(', ') })),
    showsAccount,
  }
}

/** What is sent; lines that say nothing are left out. */
export function toRouting({ strategy, aliases, fallbacks, showsAccount }: RoutingDraft): RoutingInput {
  return {
    strategy,
    aliases: Object.fromEntries(aliases.filter(isFull).map(({ asked, sent }) => [asked.trim(), sent.trim()])),
    fallbacks: Object.fromEntries(fallbacks.filter(isFull).map(({ asked, sent }) => [asked.trim(), splitNames(sent)])),
    showsAccount,
  }
}

function isFull({ asked, sent }: RoutingDraft['aliases'][number]): boolean {
  return asked.trim() !== '' && sent.trim() !== ''
}

function splitNames(text: string): string[] {
  return text
    .split(/[,，]/)
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
