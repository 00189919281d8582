import { stripComments, visit } from 'jsonc-parser'

/** JSON as people write it, with comments and with commas behind the last entry, as plain JSON. */
export function toPlainJson(text: string): string {
  let plain = stripComments(text, ' ')
  for (const offset of findTrailingCommas(plain)) plain = `${plain.slice(0, offset)} ${plain.slice(offset + 1)}`
  return plain
}

function findTrailingCommas(text: string): readonly number[] {
  const trailing: number[] = []
  let isBehindValue = false
  let comma: number | undefined
  const begin = (): void => {
    isBehindValue = false
    comma = undefined
  }
  const end = (): void => {
    if (comma !== undefined) trailing.push(comma)
    comma = undefined
    isBehindValue = true
  }
  const visitor = {
    onObjectBegin: begin,
    onArrayBegin: begin,
    onObjectProperty: begin,
    onObjectEnd: end,
    onArrayEnd: end,
    onLiteralValue: () => {
      begin()
      isBehindValue = true
    },
    onSeparator: (sign: string, offset: number) => {
      comma = sign === ',' && isBehindValue ? offset : undefined
      isBehindValue = false
    },
  }
  visit(text, visitor, { allowTrailingComma: true })
  return trailing
}
