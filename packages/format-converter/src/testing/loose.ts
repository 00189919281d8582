/** JSON that a test looks at freely; the assertion is the check. */
export type Loose = ReturnType<typeof JSON.parse>
