/** In English: `sessions`. */
export const sessionsWords = {
  sessions: {
    title: 'Your sessions',
    lead: 'Where you are signed in. End what you do not recognise.',
    current: 'this one',
    unknownAgent: 'Unknown browser',
    signedIn: 'Signed in',
    lastSeen: 'Last used',
    expires: 'Ends at the latest',
    address: 'Address',
    end: 'End session',
    failed: 'Your sessions could not be loaded',
  },
}
