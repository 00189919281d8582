// The relay serves files, it does not render pages.
export const ssr = false
