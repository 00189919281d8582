/** Longer texts never fit: what is compared stays bounded. */
export const MAX_MATCHED_CHARACTERS = 4096

/**
 * Compares a text with a pattern in which `*` stands for any characters and `?` for one. No backtracking but to the
 * last `*`, so the work is at most text × pattern.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  if (text.length > MAX_MATCHED_CHARACTERS) return false
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < text.length;) {
    const wanted = pattern[at]
    if (wanted === '*') {
      star = at
      resume = index
      at += 1
    } else if (wanted === '?' || (wanted !== undefined && wanted === text[index])) {
      at += 1
      index += 1
    } else if (star !== -1) {
      at = star + 1
      resume += 1
      index = resume
    } else return false
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
