import type { InlineImage, MessageContent, RichText } from '../model/content.ts'
import type { Job } from './matrix-job.ts'
import { chatOf } from './portal-rooms.ts'

/** An emoji is not worth more waiting: afterwards it is shown as text. */
const MOST_FAILURES = 3

/**
 * Brings the small pictures in a text to the homeserver, each once. One that cannot be had stays without an address, and
 * whatever writes the HTML of an event shows its text instead. @throws what may pass: the delivery is to be tried again
 */
export async function withInlineImages(job: Job, content: MessageContent): Promise<MessageContent> {
  if (content.kind === 'text' && content.images !== undefined)
    return { ...content, ...(await resolved(job, content)) }
  if (content.kind === 'media' && content.caption?.images !== undefined)
    return { ...content, caption: await resolved(job, content.caption) }
  return content
}

async function resolved(job: Job, { body, html, images = [] }: RichText): Promise<RichText> {
  let text = html ?? ''
  for (const image of images) {
    const mxc = await addressOf(job, image)
    if (mxc !== undefined) text = text.replaceAll(`src="inline:${image.id}"`, `src="${mxc}"`)
  }
  return { body, ...(html !== undefined && { html: text }) }
}

async function addressOf(job: Job, { id, media }: InlineImage): Promise<string | undefined> {
  try {
    const taken = await job.deps.media.take(chatOf(job.portal), media, `inline/${job.portal.network}/${id}`)
    return 'mxc' in taken ? taken.mxc : undefined
  } catch (error) {
    if (job.attempt.failures < MOST_FAILURES) throw error
    return undefined
  }
}
