/** Text that is kept until its item ends. */
export interface KeptText {
  /** UTF-16 units so far. */
  length(): number
  add(fragment: string): void
  /** Everything that was added. */
  whole(): string
}

/** Fragments that wait to be joined: thousands of small strings would outlive every collection until the item ends. */
const MAX_FRAGMENTS = 256

/** Keeps text that comes in fragments, at little cost for each. */
export function createKeptText(): KeptText {
  let joined = ''
  let fragments: string[] = []
  let length = 0

  function whole(): string {
    joined += fragments.join('')
    fragments = []
    return joined
  }

  return {
    length: () => length,
    add: (fragment) => {
      length += fragment.length
      if (fragments.push(fragment) === MAX_FRAGMENTS) whole()
    },
    whole,
  }
}
