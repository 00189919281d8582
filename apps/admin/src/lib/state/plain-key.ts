/** Whether a key press may be a shortcut: nothing is being typed, no modifier is held, nobody has used it already. */
export function isPlainKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false
  return !(
    event.target instanceof Element && event.target.closest('input, select, textarea, [contenteditable]') !== null
  )
}
