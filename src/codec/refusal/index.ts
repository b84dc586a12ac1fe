/**
 * What other servers mean: whose server it is, and of which kind its refusal is.
 * No states. Nothing here waits or looks at a clock; a text of any length and content has an answer, and none takes long.
 * What must never happen: an address, an id or a name of a person in what `plainWords` gives; a throw for what a peer said.
 * Carries C2, C6; RFC 3463, 5248, 7372, 7505.
 */
export { classOf, classOfText, type Said } from './bounce-class.ts';
export { adviceOf } from './class-words.ts';
export { plainWords } from './plain-words.ts';
export { type Provider, providerName, providerOf } from './provider.ts';
