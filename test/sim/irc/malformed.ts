/** Lines with fewer parameters than their command has, which a client has to survive. `me` is the receiver's nick. */
export function linesMissingParameters(server: string, me: string): string[] {
  const numerics =
    '276 301 305 306 307 310 311 312 313 314 317 318 319 320 330 333 335 338 344 346 347 348 349 352 353 364 366 367 ' +
    '368 369 378 379 406 569 671 732 900 901'
  const other = '!u@h.example'
  return [
    `:a${other} PRIVMSG`,
    `:a${other} PRIVMSG ${me}`,
    `:a${other} NOTICE`,
    `:a${other} NICK`,
    `:a${other} JOIN`,
    `:a${other} KICK`,
    `:${server} CAP`,
    `:${server} BATCH`,
    `:${server} MODE`,
    ...numerics.split(' ').flatMap((code) => [`:${server} ${code}`, `:${server} ${code} ${me}`]),
  ]
}

/** Well-formed lines that no client can know, and lines that say nothing. */
export function strangeLines(server: string, me: string): string[] {
  return [
    `:${server} XYZZY ${me} :nothing happens`,
    `:${server} 999 ${me} :no such numeric`,
    `:${server} FAIL * SOMETHING_NEW :not in any specification`,
    '',
    ' ',
    ':',
    '@',
    `@a=1;a=2;;=x;b :${server} NOTICE ${me} :duplicate and empty tags`,
    `@batch=nowhere :${server} NOTICE ${me} :in a batch that was never opened`,
    `:${server} BATCH -nowhere`,
  ]
}
