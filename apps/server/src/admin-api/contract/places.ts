/** Where the admin API is mounted. */
export const ADMIN_API_PATH = '/admin/api'
/** Where the panel is mounted. */
export const PANEL_PATH = '/admin-next'
/** Every request that changes something carries this header: a form on another site cannot set it. */
export const PROOF_HEADER = 'x-relay-admin'
