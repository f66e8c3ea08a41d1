import { Tokenizer } from 'htmlparser2'

/** What a walk over HTML reports: every `open` has its `close`, in order, also for broken input. */
export type HtmlVisitor = {
  open(tag: string, attributes: ReadonlyMap<string, string>): void
  close(tag: string): void
  text(text: string): void
}

/** Clients need not show what is nested deeper (specification, "m.room.message msgtypes"). */
const DEEPEST = 100

/** More than any event can hold; what comes after is cut. */
const LONGEST = 131_072

/** Elements whose text is no text for people. `mx-reply` quotes the parent, which is found by its id instead. */
const DROPPED = new Set(
  'mx-reply script style title head iframe object embed svg math template noscript noembed noframes'.split(
    ' ',
  ),
)

const VOID = new Set(['br', 'hr', 'img'])

/** The HTML standard's optional end tags, as far as the elements above are concerned. */
const CLOSED_BY: Readonly<Record<string, readonly string[]>> = {
  li: ['li'],
  p: 'p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre div table hr details'.split(' '),
  tr: ['tr', 'tbody', 'thead'],
  td: ['td', 'th', 'tr', 'tbody'],
  th: ['td', 'th', 'tr', 'tbody'],
  thead: ['tbody'],
  a: ['a'],
}

/**
 * Walks over HTML and reports the elements in `known` and the text; of other elements only the text, of dangerous ones
 * nothing. Drives the tokenizer itself, because the library's parser takes quadratic time on thousands of open tags.
 */
export function walkHtml(html: string, known: ReadonlySet<string>, visitor: HtmlVisitor): void {
  const source = html.slice(0, LONGEST)
  const stack: string[] = []
  let dropping: { tag: string; depth: number } | undefined
  let tag = ''
  let attributes = new Map<string, string>()
  let name = ''
  let value = ''

  const closeTop = () => {
    const top = stack.pop()
    if (top !== undefined) visitor.close(top)
  }
  const opened = () => {
    if (dropping !== undefined) {
      if (tag === dropping.tag) dropping.depth++
    } else if (DROPPED.has(tag)) {
      if (tag !== 'embed') dropping = { tag, depth: 1 }
    } else if (VOID.has(tag)) {
      closeImplied(tag)
      if (known.has(tag)) {
        visitor.open(tag, attributes)
        visitor.close(tag)
      }
    } else if (known.has(tag)) {
      closeImplied(tag)
      if (stack.length >= DEEPEST) return
      stack.push(tag)
      visitor.open(tag, attributes)
    }
  }
  const closeImplied = (by: string) => {
    let top = stack.at(-1)
    while (top !== undefined && CLOSED_BY[top]?.includes(by) === true) {
      closeTop()
      top = stack.at(-1)
    }
  }
  const closed = (closing: string) => {
    if (dropping !== undefined) {
      if (closing === dropping.tag && --dropping.depth === 0) dropping = undefined
      return
    }
    const at = stack.lastIndexOf(closing)
    if (at < 0) return
    while (stack.length > at) closeTop()
  }
  const text = (part: string) => {
    if (dropping === undefined && part !== '') visitor.text(part)
  }

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      onopentagname: (start, end) => {
        tag = source.slice(start, end).toLowerCase()
        attributes = new Map()
      },
      onattribname: (start, end) => {
        name = source.slice(start, end).toLowerCase()
        value = ''
      },
      onattribdata: (start, end) => {
        value += source.slice(start, end)
      },
      onattribentity: (codePoint) => {
        value += String.fromCodePoint(codePoint)
      },
      onattribend: () => {
        if (!attributes.has(name)) attributes.set(name, value)
      },
      onopentagend: opened,
      onselfclosingtag: opened,
      onclosetag: (start, end) => closed(source.slice(start, end).toLowerCase()),
      ontext: (start, end) => text(source.slice(start, end)),
      ontextentity: (codePoint) => text(String.fromCodePoint(codePoint)),
      oncdata: () => {},
      oncomment: () => {},
      ondeclaration: () => {},
      onprocessinginstruction: () => {},
      onend: () => {},
    },
  )
  tokenizer.write(source)
  tokenizer.end()
  while (stack.length > 0) closeTop()
}
