/** Limits of the service; where its configuration tells others, those count (core.telegram.org/api/config). */
export const PART_BYTES = 512 * 1024
const PARTS = 4_000
const PREMIUM_PARTS = 8_000

export const largestFileBytes = (premium: boolean): number => (premium ? PREMIUM_PARTS : PARTS) * PART_BYTES

/** Reactions that one person can have on a message. */
export const reactionsEach = (premium: boolean): number => (premium ? 3 : 1)

export const captionLimit = (premium: boolean): number => (premium ? 4_096 : 1_024)

/** `edit_time_limit` */
export const EDIT_WINDOW_MS = 48 * 3_600_000

export const POLL = { leastAnswers: 2, mostAnswers: 12, question: 300, answer: 100 } as const

/** `messages.editChatTitle` and `messages.editChatAbout` */
export const TITLE_LENGTH = 128
export const ABOUT_LENGTH = 255

/** Larger pictures are sent as files. */
export const PHOTO = { bytes: 10 * 1024 * 1024, sides: 10_000, ratio: 20 } as const

/** Characters of the passage that a reply is about. */
export const QUOTE_LENGTH = 1_024
