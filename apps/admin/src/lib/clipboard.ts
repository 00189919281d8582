/**
 * Puts a text on the clipboard. Browsers offer it only over https and on this machine, and may refuse it even there; as a
 * person's own command to copy it works elsewhere, too.
 *
 * @returns whether the text is there
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyByCommand(text)
  }
}

function copyByCommand(text: string): boolean {
  let isCopied = false
  const answer = (event: ClipboardEvent): void => {
    event.preventDefault()
    event.clipboardData?.setData('text/plain', text)
    isCopied = event.clipboardData !== null
  }
  document.addEventListener('copy', answer, { once: true })
  document.execCommand('copy') // oxlint-disable-line typescript/no-deprecated -- nothing else works over plain http
  document.removeEventListener('copy', answer)
  return isCopied
}
