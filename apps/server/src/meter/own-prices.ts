import type { AccountStore } from '@relay/account-store'
import { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { Node, ParseError } from 'jsonc-parser'

import { readOverrides } from './prices/price-overrides.ts'

/** The setting that holds the operator's own prices, as JSON; see {@link readOverrides}. */
export const PRICE_SETTING = 'prices'

/** What a text of prices states, or what is wrong with it. */
export interface CheckedPrices {
  readonly entries: number
  /** Each with its place; empty where the text can be used. */
  readonly mistakes: readonly string[]
}

/** The operator's own prices as they were written; empty where there are none.
 * @throws StoreError */
export async function readPriceText(store: Pick<AccountStore, 'readSetting'>): Promise<string> {
  return (await store.readSetting(PRICE_SETTING)) ?? ''
}

/** Replaces the operator's own prices on every node; a text without a word takes them away.
 * @throws StoreError */
export async function writePriceText(store: Pick<AccountStore, 'writeSetting'>, text: string): Promise<void> {
  await store.writeSetting(PRICE_SETTING, text.trim() === '' ? undefined : text)
}

/** Checks a text of prices without keeping it. */
export function checkPriceText(text: string): CheckedPrices {
  if (text.trim() === '') return { entries: 0, mistakes: [] }
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { disallowComments: true })
  const [error] = errors
  if (error !== undefined) {
    return {
      entries: 0,
      mistakes: [`line ${lineAt(text, error.offset)}: not valid JSON (${printParseErrorCode(error.error)})`],
    }
  }
  const read = readOverrides(tree === undefined ? undefined : getNodeValue(tree))
  if (read.ok) return { entries: read.overrides.entries.length, mistakes: [] }
  return { entries: 0, mistakes: read.mistakes.map((mistake) => `line ${lineOf(text, tree, mistake)}: ${mistake}`) }
}

/** The line of the value that a mistake names at its beginning, or of what is around it. */
function lineOf(text: string, tree: Node | undefined, mistake: string): number {
  const path = (mistake.split(':', 1)[0] ?? '').split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  if (tree === undefined) return 1
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length))
    if (node !== undefined) return lineAt(text, node.offset)
  }
  return 1
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
