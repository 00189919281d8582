import { tick } from 'svelte'

/** Takes the focus to the last of what fits, once what has changed is on the page: lines that come and go under the keyboard. */
export async function focusWithin(root: HTMLElement | undefined, selector: string): Promise<void> {
  await tick()
  const fitting = root?.querySelectorAll<HTMLElement>(selector) ?? []
  ;[...fitting].at(-1)?.focus()
}
