/** The cluster's superuser, the only one there is. */
export const USER = 'viaduct'

/** Part of the socket's file name only: nothing listens on a network. */
export const PORT = 5432
