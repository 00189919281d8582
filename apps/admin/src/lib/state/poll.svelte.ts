/**
 * Calls again and again while the page is seen, as long as the component that starts it.
 *
 * @param everyMs - often enough to feel live, seldom enough to cost nothing
 */
export function pollWhileSeen(everyMs: number, call: () => void): void {
  function callIfSeen(): void {
    if (document.visibilityState === 'visible') call()
  }

  $effect(() => {
    const timer = setInterval(callIfSeen, everyMs)
    document.addEventListener('visibilitychange', callIfSeen)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', callIfSeen)
    }
  })
}
