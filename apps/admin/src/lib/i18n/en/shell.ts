/** In English: `navigation`, `header`, `footer`, `shortcuts`. */
export const shellWords = {
  navigation: {
    label: 'Pages',
    open: 'Open the menu',
    dashboard: 'Dashboard',
    requests: 'Requests',
    usage: 'Usage and cost',
    conversion: 'Conversion',
    sessions: 'Sessions',
    skip: 'Skip to content',
  },
  header: {
    switchLanguage: '切换到中文',
    theme: { system: 'Theme: like the system', light: 'Theme: light', dark: 'Theme: dark' },
    shortcuts: 'Keyboard shortcuts',
    signOut: 'Sign out',
    maybeOld: 'What is shown may be old.',
  },
  footer: {
    about: (version: string, store: string, node: string): string => `Relay ${version} · ${store} store · Node ${node}`,
    dropped: (count: string): string => `${count} usage records were lost: the queue was full`,
    readOnly: 'The store cannot be written to right now',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    everywhere: 'Everywhere',
    lists: 'In lists',
    help: 'Show this list',
    search: 'Search',
    create: 'New',
    close: 'Close',
    next: 'Next',
    previous: 'Previous',
    open: 'Open',
    refresh: 'Refresh',
  },
}
