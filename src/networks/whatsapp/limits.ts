const MINUTE_MS = 60_000

/** faq.whatsapp.com, "How to edit messages": fifteen minutes. */
export const EDIT_WINDOW_MS = 15 * MINUTE_MS
/** Characters of a message and of a caption, as WhatsApp's clients count them. */
export const TEXT_LIMIT = 65_536
/** faq.whatsapp.com, "How to create polls": two to twelve answers. Lengths as WhatsApp's clients take them. */
export const POLL = { leastAnswers: 2, mostAnswers: 12, answer: 100, question: 255 }
export const SUBJECT_LENGTH = 100
export const DESCRIPTION_LENGTH = 2_048
/** faq.whatsapp.com, "How to send media": files up to 2 GB. */
export const LARGEST_FILE_BYTES = 2 * 1024 ** 3
/** faq.whatsapp.com, "How to pin a message": thirty days at most. */
export const PIN_SECONDS = 30 * 24 * 60 * 60
/** faq.whatsapp.com, "About disappearing messages". */
export const DISAPPEARING_SECONDS = [0, 86_400, 604_800, 7_776_000] as const
