const LEADING_TYPE = /^\{\s*"type"\s*:\s*"([a-z_.]+)"/

/** The type of an event whose data begins with it; seen without parsing. */
export function leadingType(data: string): string | undefined {
  return LEADING_TYPE.exec(data)?.[1]
}
